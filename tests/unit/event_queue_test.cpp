// SPDX-License-Identifier: Apache-2.0
// Events of an endless input: ordered, distinct within a step, surplus ones a step later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "runtime/src/event_queue.h"
#include "tests/support/dice.h"

namespace {

using mlgenn::runtime::EventQueue;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint32_t> take(EventQueue& queue, std::uint64_t step) {
    std::vector<std::uint32_t> ids;
    queue.take(step, ids);
    return ids;
}

TEST(EventQueue, GivesEveryStepItsNeuronsInOrder) {
    EventQueue queue(10);
    for (const auto& [step, id] :
         std::vector<std::pair<std::uint64_t, std::uint32_t>>{{2, 7}, {0, 3}, {2, 1}, {0, 9}}) {
        queue.push({step, id});
    }
    EXPECT_EQ(queue.size(), 4U);
    EXPECT_THAT(take(queue, 0), ElementsAre(3, 9));
    EXPECT_THAT(take(queue, 1), IsEmpty());
    EXPECT_THAT(take(queue, 2), ElementsAre(1, 7));
    EXPECT_EQ(queue.size(), 0U);
}

TEST(EventQueue, SurplusEventsWaitForTheNextSteps) {
    EventQueue queue(4);
    for (int k = 0; k < 3; ++k) {
        queue.push({0, 2});
    }
    queue.push({1, 2});
    queue.push({1, 0});
    EXPECT_THAT(take(queue, 0), ElementsAre(2));
    EXPECT_THAT(take(queue, 1), ElementsAre(0, 2));
    EXPECT_THAT(take(queue, 2), ElementsAre(2));
    EXPECT_THAT(take(queue, 3), ElementsAre(2));
    EXPECT_THAT(take(queue, 4), IsEmpty());
}

TEST(EventQueue, GoesOnFromACopyOfItsContent) {
    mlgenn::test_support::Dice dice(3);
    EventQueue queue(6);
    for (int k = 0; k < 200; ++k) {
        queue.push({dice.below(30), static_cast<std::uint32_t>(dice.below(6))});
    }
    for (std::uint64_t step = 0; step < 12; ++step) {
        take(queue, step);
    }
    EventQueue copy(6);
    copy.push({0, 1});
    const auto waiting = queue.sorted_waiting();
    ASSERT_FALSE(waiting.empty());
    copy.assign(queue.sorted_events(), waiting);
    EXPECT_EQ(copy.size(), queue.size());
    for (std::uint64_t step = 12; step < 60; ++step) {
        EXPECT_EQ(take(copy, step), take(queue, step)) << step;
    }
    EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
