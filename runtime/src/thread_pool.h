// SPDX-License-Identifier: Apache-2.0
// A fixed set of threads that works through numbered items and sleeps in between.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mlgenn::runtime {

/// Processors that this process may use (its affinity mask); at least 1.
[[nodiscard]] unsigned available_processors();

/// The calling thread is worker 0 and takes part; `num_threads - 1` further threads wait on a condition variable, so
/// an idle pool uses no processor time. Items are claimed in ascending order through a counter, and the caller only
/// waits for threads that have joined the job: a thread that the system does not schedule holds nobody up.
/// One pool serves one caller at a time, and `work` must not call back into its own pool.
class ThreadPool {
public:
    using Work = std::function<void(std::size_t item, unsigned worker)>;

    /// `num_threads` 0: one per available processor. Throws BackendError when the threads cannot be started.
    explicit ThreadPool(unsigned num_threads);
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool();

    [[nodiscard]] unsigned num_threads() const { return num_threads_; }

    /// Calls work(item, worker) once for every item in [0, num_items) and returns when all calls have ended.
    /// If calls throw, items behind the failed one may be left out, and the exception of the lowest failing item is
    /// rethrown: the same one for any number of threads. The pool stays usable.
    void for_each(std::size_t num_items, const Work& work);

private:
    struct Job;

    void serve(unsigned worker);
    void stop();
    static void take_part(Job& job, unsigned worker);

    unsigned num_threads_ = 1;
    std::vector<std::thread> threads_;

    std::mutex mutex_;
    std::condition_variable job_opened_;
    std::condition_variable workers_left_;
    // Guarded by mutex_. A job is open while items may be left; threads that wake up later do not join.
    Job* open_job_ = nullptr;
    std::uint64_t num_jobs_ = 0;
    unsigned num_busy_ = 0;
    bool stopping_ = false;
};

}  // namespace mlgenn::runtime
