// SPDX-License-Identifier: Apache-2.0
// Each pass by itself: what it establishes, and what the verifier says about programs that break a rule.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/passes/lower.h"
#include "compiler/passes/pipeline.h"
#include "mlgenn/errors.h"
#include "tests/passes/small_networks.h"

namespace mlgenn::test {
namespace {

using testing::HasSubstr;
using testing::Not;

ir::Program lowered(const Network& network, const CompilerOptions& options) {
    return passes::lower(validated(network), options);
}

/// The program after the named pass and all before it.
ir::Program after(const std::string& last, const Network& network, const CompilerOptions& options,
                  const backends::Limits& limits = {}) {
    ir::Program program = lowered(network, options);
    for (const passes::Pass& pass : passes::pipeline()) {
        pass.run(program, options, limits);
        ir::verify(program, pass.establishes);
        if (pass.name == last) {
            break;
        }
    }
    return program;
}

std::vector<std::string> phase_names(const ir::TimeLoop& loop) {
    std::vector<std::string> names;
    for (const ir::Phase& phase : loop.phases) {
        names.push_back(phase.name);
    }
    return names;
}

TEST(Lower, OnePhasePerInputConnectionAndPopulation) {
    const ir::Program program = lowered(recurrent_network(), small_options(Accumulation::exact, "auto"));
    ASSERT_EQ(program.loops.size(), 1U);
    EXPECT_THAT(phase_names(program.loops[0]), testing::ElementsAre("input", "input_to_hidden", "hidden_to_hidden",
                                                                    "hidden", "hidden_to_output", "output"));
    EXPECT_EQ(program.num_synapses, 20U + 3U + 10U);
    EXPECT_EQ(program.queues.at(1).max_delay, 3U);
}

TEST(Lower, RecordingOfNothingIsTheUsersFault) {
    CompilerOptions options = small_options(Accumulation::exact, "auto");
    options.recordings = {{.population = "hidden", .variable = "U"}};
    try {
        (void)lowered(recurrent_network(), options);
        FAIL() << "no exception";
    } catch (const DescriptionError& error) {
        EXPECT_EQ(std::string(error.what()),
                  "recording of 'hidden': model 'leaky_integrate_fire' has no variable 'U'\n    record one of: V, "
                  "RefracTime");
    }
}

TEST(SplitTimeLoops, ComponentsComeSourcesFirst) {
    Network network = recurrent_network();
    std::swap(network.populations[0], network.populations[2]);  // declared last to first
    const ir::Program program = after("split_time_loops", network, small_options(Accumulation::exact, "auto"));
    ASSERT_EQ(program.loops.size(), 3U);
    EXPECT_THAT(phase_names(program.loops[0]), testing::ElementsAre("input"));
    EXPECT_FALSE(program.loops[0].recurrent);
    EXPECT_TRUE(program.loops[1].recurrent);
    EXPECT_THAT(phase_names(program.loops[2]), testing::ElementsAre("hidden_to_output", "output"));
}

TEST(ChooseAccumulation, ScaleIsTheLargestThatCannotOverflow) {
    const ir::Program program =
        after("choose_accumulation", feed_forward_network(), small_options(Accumulation::exact, "auto"));
    // Columns sum to 2.0 and 1.25: s = floor(log2(2^30 / 2)) = 29; the weights share 2^27, so 2^-2 remains.
    EXPECT_EQ(program.accumulators.at(0).scale_log2, 2);
    const ir::Buffer& weights = program.buffer(*program.accumulators.at(0).weights);
    EXPECT_EQ(weights.storage, Storage::i8);
    const auto* values = reinterpret_cast<const std::int8_t*>(weights.data->data());
    EXPECT_EQ(values[0], 2);
    EXPECT_EQ(values[1], -1);
    EXPECT_EQ(values[16], 4);
}

TEST(ChooseAccumulation, OrderedKeepsFloats) {
    const ir::Program program =
        after("choose_accumulation", feed_forward_network(), small_options(Accumulation::ordered, "auto"));
    EXPECT_EQ(program.buffer(*program.accumulators.at(0).weights).storage, Storage::f32);
    EXPECT_EQ(program.accumulators.at(0).form, ir::Accumulator::Form::f32);
}

TEST(ChooseSchedule, SmallNetworksStaySequentialAndLargeOnesGoLayerByLayer) {
    backends::Limits limits;
    limits.far_cache_bytes = 64 << 20;
    EXPECT_EQ(after("choose_schedule", feed_forward_network(), small_options(Accumulation::exact, "auto"), limits)
                  .schedule.name,
              "sequential");
    limits.near_cache_bytes = 64;
    limits.far_cache_bytes = 400;
    const ir::Program program =
        after("choose_schedule", convolutional_network(), small_options(Accumulation::exact, "auto"), limits);
    EXPECT_EQ(program.schedule.name, "layerwise");
    EXPECT_EQ(program.loops.size(), 3U);
    EXPECT_THAT(program.schedule.explanation.back(), HasSubstr("chosen: layerwise"));
}

TEST(ChooseSchedule, SaysWhyAScheduleCannotRun) {
    Network network;
    network.name = "alone";
    network.populations = {
        {.name = "input", .shape = {3}, .neuron = "integrate_fire_input", .readout = ModelSpec("spike_count")}};
    try {
        (void)after("choose_schedule", network, small_options(Accumulation::exact, "layerwise"));
        FAIL() << "no exception";
    } catch (const BackendError& error) {
        EXPECT_STREQ(error.what(),
                     "schedule 'layerwise' cannot run network 'alone': the network has a single component");
    }
    EXPECT_THROW((void)after("choose_schedule", network, small_options(Accumulation::exact, "fastest")),
                 DescriptionError);
}

TEST(ExpandAccumulators, DenseConnectionsSumInRegistersOthersInMemory) {
    const std::string text =
        ir::print(after("expand_accumulators", recurrent_network(), small_options(Accumulation::exact, "sequential")));
    EXPECT_THAT(text, HasSubstr("sum i in input.spikes[t - 1] of input_to_hidden.weight[((i * 16u) + j)]"));
    EXPECT_THAT(text, Not(HasSubstr("deliver_spikes input_to_hidden")));
    EXPECT_THAT(text, HasSubstr("deliver_spikes hidden_to_hidden"));
    EXPECT_THAT(text, HasSubstr("hidden_to_hidden.delivered"));
    EXPECT_THAT(text, Not(HasSubstr(" receive ")));
}

TEST(PlaceBuffers, BuffersDoNotOverlapAndQueuesHoldWhatIsStillToBeDelivered) {
    const ir::Program program =
        after("place_buffers", recurrent_network(), small_options(Accumulation::exact, "layerwise"));
    for (std::size_t a = 0; a < program.buffers.size(); ++a) {
        const ir::Buffer& first = program.buffers[a];
        EXPECT_EQ(first.space == ir::Space::argument ? 0 : first.location % 64, 0U) << first.name;
        for (std::size_t b = a + 1; b < program.buffers.size(); ++b) {
            const ir::Buffer& second = program.buffers[b];
            if (first.space != second.space || first.space == ir::Space::argument) {
                continue;
            }
            const auto end = [](const ir::Buffer& buffer) {
                return buffer.location + (buffer.count + 16) * size_of(buffer.storage);
            };
            EXPECT_TRUE(end(first) <= second.location || end(second) <= first.location)
                << first.name << " " << second.name;
        }
    }
    EXPECT_EQ(program.schedule.chunk, 10U);
    EXPECT_EQ(program.queues.at(1).slots, 16U);  // 10 steps ahead + 3 steps of delay
}

TEST(Verifier, NamesPhaseAndRule) {
    ir::Program program = lowered(feed_forward_network(), small_options(Accumulation::exact, "auto"));
    program.loops[0].phases.back().body.push_back(ir::make(ir::Assign{"ghost", ir::E(1.0F).ptr()}));
    try {
        ir::verify(program, ir::VerifyStage::lowered);
        FAIL() << "no exception";
    } catch (const InternalError& error) {
        EXPECT_STREQ(error.what(), "program 'feed_forward', phase 'output': assigns local 'ghost' before it exists");
    }
}

TEST(Verifier, RefusesTypesStagesAndConstantsThatAreWritten) {
    const ir::Program good =
        after("place_buffers", feed_forward_network(), small_options(Accumulation::exact, "sequential"));
    const auto broken = [&](ir::StmtPtr stmt) {
        ir::Program program = good;
        program.loops[0].phases.back().body = {std::move(stmt)};
        return program;
    };
    const ir::ExprPtr zero = ir::E(0U).ptr();
    EXPECT_THROW(ir::verify(broken(ir::make(ir::Store{*good.accumulators[0].weights, zero, ir::E(1).ptr()})),
                            ir::VerifyStage::expanded),
                 InternalError);
    EXPECT_THROW(
        ir::verify(broken(ir::make(ir::Let{"x", ir::local("y", ir::Type::f32).ptr()})), ir::VerifyStage::expanded),
        InternalError);
    EXPECT_THROW(ir::verify(broken(ir::make(ir::If{ir::E(1).ptr(), {}, {}})), ir::VerifyStage::expanded),
                 InternalError);
    EXPECT_THROW(ir::verify(broken(ir::make(ir::Accumulate{ir::AccumulatorId{0}, zero, ir::E(1).ptr()})),
                            ir::VerifyStage::expanded),
                 InternalError);
    EXPECT_THROW(ir::verify(broken(ir::make(ir::Let{"x", ir::index("k").ptr()})), ir::VerifyStage::expanded),
                 InternalError);
    EXPECT_THROW(ir::verify(broken(ir::make(ir::ForSpikes{ir::QueueId{0}, 9, "i", {}})), ir::VerifyStage::expanded),
                 InternalError);
}

TEST(Pipeline, PrintsTheProgramAfterAnyPass) {
    const CompilerOptions options = small_options(Accumulation::exact, "sequential");
    ir::Program program = lowered(feed_forward_network(), options);
    CompileReport report;
    passes::run_pipeline(program, options, {}, "all", report);
    ASSERT_EQ(report.passes.size(), 1 + passes::pipeline().size());
    EXPECT_THAT(report.passes.front().text, HasSubstr("receive input_to_output[j]"));
    EXPECT_THAT(report.passes.back().text, HasSubstr("schedule sequential"));
    ir::Program again = lowered(feed_forward_network(), options);
    EXPECT_THROW(passes::run_pipeline(again, options, {}, "no_such_pass", report), DescriptionError);
}

}  // namespace
}  // namespace mlgenn::test
