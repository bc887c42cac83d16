// SPDX-License-Identifier: Apache-2.0
// A fixed set of threads that works through numbered items and sleeps in between.
#include "runtime/src/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <string>
#include <system_error>

#include "mlgenn/errors.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace mlgenn::runtime {

namespace {

constexpr std::size_t no_item = std::numeric_limits<std::size_t>::max();

/// Items claimed at once: few enough that the threads finish together, more than one when items are plentiful.
std::size_t grain_for(std::size_t num_items, unsigned num_threads) {
    constexpr std::size_t claims_per_thread = 64;
    constexpr std::size_t largest_grain = 8;
    return std::clamp<std::size_t>(num_items / (claims_per_thread * num_threads), 1, largest_grain);
}

}  // namespace

unsigned available_processors() {
#if defined(__linux__)
    // The mask grows until the kernel accepts it: machines may have more processors than a cpu_set_t holds.
    constexpr std::size_t most_processors = std::size_t{1} << 20;
    for (std::size_t capacity = CPU_SETSIZE; capacity <= most_processors; capacity *= 2) {
        std::vector<cpu_set_t> mask(capacity / CPU_SETSIZE);
        const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
        if (sched_getaffinity(0, bytes, mask.data()) == 0) {
            return static_cast<unsigned>(std::max(1, CPU_COUNT_S(bytes, mask.data())));
        }
    }
#endif
    return std::max(1U, std::thread::hardware_concurrency());
}

struct ThreadPool::Job {
    const Work& work;
    std::size_t num_items;
    std::size_t grain;
    std::atomic<std::size_t> next{0};
    /// Lowest item that has failed so far; items behind it need not run.
    std::atomic<std::size_t> first_failed{no_item};
    std::mutex error_mutex{};
    std::exception_ptr error{};

    void fail(std::size_t item) {
        const std::lock_guard lock(error_mutex);
        if (item < first_failed.load(std::memory_order_relaxed)) {
            error = std::current_exception();
            first_failed.store(item, std::memory_order_relaxed);
        }
    }
};

ThreadPool::ThreadPool(unsigned num_threads) : num_threads_(num_threads == 0 ? available_processors() : num_threads) {
    try {
        threads_.reserve(num_threads_ - 1);
        for (unsigned worker = 1; worker < num_threads_; ++worker) {
            threads_.emplace_back([this, worker] { serve(worker); });
        }
    } catch (const std::exception& error) {
        const std::size_t started = threads_.size();
        stop();
        throw BackendError("cannot start " + std::to_string(num_threads_ - 1) + " worker threads, only " +
                           std::to_string(started) + " (" + error.what() + "): ask for fewer threads");
    }
}

ThreadPool::~ThreadPool() {
    stop();
}

void ThreadPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    job_opened_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void ThreadPool::for_each(std::size_t num_items, const Work& work) {
    Job job{.work = work, .num_items = num_items, .grain = grain_for(num_items, num_threads_)};
    const bool alone = threads_.empty() || num_items <= job.grain;
    if (!alone) {
        {
            const std::lock_guard lock(mutex_);
            open_job_ = &job;
            ++num_jobs_;
        }
        job_opened_.notify_all();
    }
    take_part(job, 0);
    if (!alone) {
        std::unique_lock lock(mutex_);
        open_job_ = nullptr;
        workers_left_.wait(lock, [this] { return num_busy_ == 0; });
    }
    if (job.error) {
        std::rethrow_exception(job.error);
    }
}

void ThreadPool::serve(unsigned worker) {
    std::uint64_t last_job = 0;
    std::unique_lock lock(mutex_);
    while (true) {
        job_opened_.wait(lock, [&] { return stopping_ || (open_job_ != nullptr && num_jobs_ != last_job); });
        if (stopping_) {
            return;
        }
        last_job = num_jobs_;
        Job& job = *open_job_;
        ++num_busy_;
        lock.unlock();
        take_part(job, worker);
        lock.lock();
        if (--num_busy_ == 0) {
            workers_left_.notify_one();
        }
    }
}

void ThreadPool::take_part(Job& job, unsigned worker) {
    while (true) {
        const std::size_t begin = job.next.fetch_add(job.grain, std::memory_order_relaxed);
        const std::size_t end = std::min(begin + job.grain, job.num_items);
        if (begin >= job.num_items) {
            return;
        }
        for (std::size_t item = begin; item < end; ++item) {
            // Items before the first failed one still run, so that which error is reported depends on no timing.
            if (item > job.first_failed.load(std::memory_order_relaxed)) {
                return;
            }
            try {
                job.work(item, worker);
            } catch (...) {
                job.fail(item);
                return;
            }
        }
    }
}

}  // namespace mlgenn::runtime
