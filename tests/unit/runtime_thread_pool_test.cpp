// SPDX-License-Identifier: Apache-2.0
// The thread pool: every item once, the same error whatever the timing, no processor time while idle.
#include "runtime/src/thread_pool.h"

#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using mlgenn::runtime::available_processors;
using mlgenn::runtime::ThreadPool;

double process_cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class RuntimeThreadPool : public testing::TestWithParam<unsigned> {};

TEST_P(RuntimeThreadPool, RunsEveryItemOnce) {
    ThreadPool pool(GetParam());
    EXPECT_EQ(pool.num_threads(), GetParam());
    for (const std::size_t num_items : {0, 1, 2, 7, 100, 5000}) {
        std::vector<std::atomic<int>> calls(num_items);
        std::atomic<bool> bad_worker = false;
        pool.for_each(num_items, [&](std::size_t item, unsigned worker) {
            ++calls[item];
            if (worker >= GetParam()) {
                bad_worker = true;
            }
        });
        EXPECT_FALSE(bad_worker);
        for (std::size_t item = 0; item < num_items; ++item) {
            EXPECT_EQ(calls[item], 1) << item << " of " << num_items;
        }
    }
}

TEST_P(RuntimeThreadPool, NoTwoThreadsAreTheSameWorker) {
    ThreadPool pool(GetParam());
    std::vector<std::atomic<int>> inside(GetParam());
    std::atomic<bool> shared = false;
    pool.for_each(2000, [&](std::size_t, unsigned worker) {
        if (++inside[worker] != 1) {
            shared = true;
        }
        --inside[worker];
    });
    EXPECT_FALSE(shared);
}

TEST_P(RuntimeThreadPool, ReportsTheLowestFailingItemAndStaysUsable) {
    ThreadPool pool(GetParam());
    for (int repetition = 0; repetition < 200; ++repetition) {
        std::string message;
        std::atomic<int> lower_items = 0;
        try {
            pool.for_each(300, [&](std::size_t item, unsigned) {
                if (item == 41 || item == 42 || item >= 170) {
                    throw std::runtime_error("item " + std::to_string(item));
                }
                if (item < 41) {
                    ++lower_items;
                }
            });
        } catch (const std::runtime_error& error) {
            message = error.what();
        }
        ASSERT_EQ(message, "item 41");
        ASSERT_EQ(lower_items, 41);
        std::atomic<std::size_t> sum = 0;
        pool.for_each(100, [&](std::size_t item, unsigned) { sum += item; });
        ASSERT_EQ(sum, 4950U);
    }
}

TEST_P(RuntimeThreadPool, ALaterItemThatFailsFirstDoesNotHideAnEarlierOne) {
    ThreadPool pool(GetParam());
    for (int repetition = 0; repetition < 20; ++repetition) {
        // Threads claim several of these items at once; items 40 and 41 are among those claimed before item 100.
        std::atomic<bool> later_failed = GetParam() == 1;
        std::string message;
        try {
            pool.for_each(10000, [&](std::size_t item, unsigned) {
                if (item == 40) {
                    while (!later_failed) {
                        std::this_thread::sleep_for(std::chrono::microseconds(50));
                    }
                    // The other thread has announced its failure and now records it.
                    std::this_thread::sleep_for(std::chrono::milliseconds(2));
                }
                if (item == 41 || item == 100) {
                    later_failed = true;
                    throw std::runtime_error("item " + std::to_string(item));
                }
            });
        } catch (const std::runtime_error& error) {
            message = error.what();
        }
        ASSERT_EQ(message, "item 41");
    }
}

TEST_P(RuntimeThreadPool, ALaterItemThatFailsLaterDoesNotReplaceAnEarlierOne) {
    ThreadPool pool(GetParam());
    const auto wait_for = [](const std::atomic<bool>& flag) {
        while (!flag) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    };
    for (int repetition = 0; repetition < 20; ++repetition) {
        std::atomic<bool> later_started = GetParam() == 1;
        std::atomic<bool> earlier_failed = false;
        std::string message;
        try {
            pool.for_each(10000, [&](std::size_t item, unsigned) {
                if (item == 41) {
                    wait_for(later_started);
                    earlier_failed = true;
                } else if (item == 100) {
                    later_started = true;
                    wait_for(earlier_failed);
                    // The other thread has announced its failure and now records it.
                    std::this_thread::sleep_for(std::chrono::milliseconds(2));
                }
                if (item == 41 || item == 100) {
                    throw std::runtime_error("item " + std::to_string(item));
                }
            });
        } catch (const std::runtime_error& error) {
            message = error.what();
        }
        ASSERT_EQ(message, "item 41");
    }
}

INSTANTIATE_TEST_SUITE_P(Threads, RuntimeThreadPool, testing::Values(1U, 2U, 5U));

TEST(RuntimeThreadPoolAlone, UsesSeveralThreads) {
    ThreadPool pool(3);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    // Every item waits until a second thread has turned up, so this only ends when the work is shared.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    pool.for_each(3, [&](std::size_t, unsigned) {
        while (std::chrono::steady_clock::now() < deadline) {
            {
                const std::lock_guard lock(mutex);
                threads.insert(std::this_thread::get_id());
                if (threads.size() > 1) {
                    return;
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    EXPECT_GT(threads.size(), 1U);
}

TEST(RuntimeThreadPoolAlone, ZeroThreadsMeansTheProcessorsOfThisProcess) {
    EXPECT_GE(available_processors(), 1U);
    EXPECT_EQ(ThreadPool(0).num_threads(), available_processors());
}

TEST(RuntimeThreadPoolAlone, IdleThreadsUseNoProcessorTime) {
    ThreadPool pool(4);
    pool.for_each(100, [](std::size_t, unsigned) {});
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const double before = process_cpu_seconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    // One spinning thread would use 0.4 s.
    EXPECT_LT(process_cpu_seconds() - before, 0.02);
}

TEST(RuntimeThreadPoolAlone, WaitingForALongItemUsesNoProcessorTime) {
    ThreadPool pool(4);
    const double before = process_cpu_seconds();
    pool.for_each(1000, [](std::size_t item, unsigned) {
        if (item == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(400));
        }
    });
    EXPECT_LT(process_cpu_seconds() - before, 0.1);
}

}  // namespace
