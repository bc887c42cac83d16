// SPDX-License-Identifier: Apache-2.0
// Runs queued work when somebody waits for it.
#include "tests/support/stand_in_driver/streams.h"

#include <algorithm>
#include <utility>

namespace mlgenn::stand_in {

Stream* Streams::create() {
    return streams_.emplace_back(std::make_unique<Stream>()).get();
}

void Streams::destroy(Stream* stream) {
    run(*stream);
    streams_.erase(std::remove_if(streams_.begin(), streams_.end(),
                                  [&](const std::unique_ptr<Stream>& other) { return other.get() == stream; }),
                   streams_.end());
}

int Streams::fail(int code) {
    failure_ = failure_ == 0 ? code : failure_;
    return failure_;
}

void Streams::add(Stream& stream, Work work, bool early) {
    if (stream.capturing) {
        stream.captured.push_back(std::move(work));
        return;
    }
    const bool first = stream.queue.empty();
    stream.queue.push_back([this, work = std::move(work)] { return failure_ == 0 ? work() : failure_; });
    if (first && early) {
        run_first(stream);
    }
}

void Streams::record(Stream& stream, Event& event, bool early) {
    event = std::make_shared<Point>(Point{&stream});
    const bool first = stream.queue.empty();
    stream.queue.push_back([point = event] {
        point->reached = true;
        point->time = std::chrono::steady_clock::now();
        return 0;
    });
    if (first && early) {
        run_first(stream);
    }
}

void Streams::wait(Stream& stream, const Event& event) {
    if (event != nullptr) {
        stream.queue.push_back([this, event] {
            run_until(event);
            return failure_;
        });
    }
}

void Streams::run_first(Stream& stream) {
    const Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (const int code = work(); code != 0) {
        fail(code);
    }
}

void Streams::run(Stream& stream) {
    while (!stream.queue.empty()) {
        run_first(stream);
    }
}

void Streams::run_until(const Event& event) {
    while (event != nullptr && !event->reached) {
        run_first(*event->stream);
    }
}

void Streams::run_all() {
    for (const std::unique_ptr<Stream>& stream : streams_) {
        run(*stream);
    }
}

}  // namespace mlgenn::stand_in
