// SPDX-License-Identifier: Apache-2.0
// Streams of the stand-in driver. Work runs as late as a device may run it: when somebody waits for it. So results
// depend on every wait that a program has to make, and a missing one shows.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace mlgenn::stand_in {

/// Gives the driver's result code, 0 for success.
using Work = std::function<int()>;

struct Stream {
    std::deque<Work> queue{};
    bool capturing = false;
    std::vector<Work> captured{};
};

/// Where an event was recorded.
struct Point {
    Stream* stream = nullptr;
    bool reached = false;
    std::chrono::steady_clock::time_point time{};
};

/// Null: never recorded.
using Event = std::shared_ptr<Point>;

class Streams {
public:
    [[nodiscard]] Stream* create();
    /// Runs what is left in it.
    void destroy(Stream* stream);

    /// Queues or captures work. `early`: it runs at once where nothing in its stream comes before it.
    void add(Stream& stream, Work work, bool early);
    void record(Stream& stream, Event& event, bool early);
    /// What `stream` gets from now on comes behind the event.
    void wait(Stream& stream, const Event& event);

    /// Runs everything in a stream, and what that waits for in others.
    void run(Stream& stream);
    void run_until(const Event& event);
    void run_all();

    /// The first result that was not 0: from then on work is dropped.
    [[nodiscard]] int failure() const { return failure_; }
    int fail(int code);
    void forget_failure() { failure_ = 0; }

private:
    void run_first(Stream& stream);

    std::vector<std::unique_ptr<Stream>> streams_{};
    int failure_ = 0;
};

}  // namespace mlgenn::stand_in
