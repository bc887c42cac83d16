// SPDX-License-Identifier: Apache-2.0
// Neurons that code a number as the spikes of K steps: values from outside, and rectified sums of other codes.
// Equations: Stoeckl and Maass, "Optimized spiking neurons can classify images with high accuracy through temporal
// coding with two spikes", 2021, in the form that mlGeNN gives them.
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/few_spike_code.h"

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

ParameterSpec k_parameter() {
    return {.name = "k",
            .kind = ParameterKind::integer,
            .default_value = 10,
            .minimum = 1,
            .maximum = max_few_spike_steps,
            .unit = "timesteps",
            .doc = "steps that code one number; the same in the whole network"};
}

ParameterSpec alpha_parameter() {
    return {.name = "alpha",
            .default_value = 25.0,
            .minimum = 1e-9,
            .maximum = 1e9,
            .doc = "numbers from 0 to alpha can be coded; the same for all sources of a population"};
}

void fire(NeuronBuilder& b, const ir::FewSpikeCode& code, const Variable& v, const E& p, const E& gate) {
    b.spike(gate && few_spike_fires(code, v, p), [&] { v.set(few_spike_rest(code, v, p)); });
}

void build_input(NeuronBuilder& b) {
    const ir::FewSpikeCode& code = b.few_spike().code;
    const Variable v = b.state("V", ResetClass::variable);
    const E t = ir::index("t");
    b.code().when(t == E(0U), [&] { v.set(b.input()); });
    fire(b, code, v, t % E(code.k), t < E(code.k));
}

/// The sums of the weights of spikes so far: one integer per plane, or one f32.
class Sums {
public:
    Sums(NeuronBuilder& b, const ir::FewSpikePopulation& self) : b_(b), self_(self) {
        const std::uint32_t planes = self.exact ? self.sums.num_planes() : 1;
        for (std::uint32_t plane = 0; plane < planes; ++plane) {
            const std::string name = plane == 0 ? "Fx" : "Fx_" + std::to_string(plane);
            sums_.push_back(self.exact ? b.scope().integer(name, ResetClass::variable)
                                       : b.state(name, ResetClass::variable));
        }
    }

    /// Adds what arrives from the sources' step `sent`.
    void add(const E& sent) const {
        if (self_.exact) {
            add_integers(sent);
            return;
        }
        const E worth = few_spike_worth(self_.sums.source, sent);
        const E change = b_.input() * (self_.sums.source.is_signed ? ir::select(is_odd(sent), -worth, worth) : worth);
        sums_[0].set(sums_[0] + change);
    }
    void clear() const {
        for (const Variable& sum : sums_) {
            sum.set(self_.exact ? E(0) : E(0.0F));
        }
    }
    [[nodiscard]] E value() const {
        return self_.exact ? few_spike_value(self_.sums, std::vector<E>(sums_.begin(), sums_.end())) : sums_[0];
    }

private:
    static E is_odd(const E& step) { return step % E(2U) == E(1U); }

    /// Isyn is an integer divided by a power of two, and f32 holds it.
    void add_integers(const E& sent) const {
        const ir::FewSpikeCode& source = self_.sums.source;
        E arrived = ir::convert(b_.input() * E(std::ldexp(1.0, self_.sums.scale_log2)), Type::i32);
        if (source.is_signed) {
            arrived = ir::select(is_odd(sent), -arrived, arrived);
        }
        arrived = b_.code().let("arrived", arrived);
        const E bit = b_.code().let("arrived_bit", few_spike_bit(source, sent));
        const E per_plane = E(self_.sums.bits_per_plane);
        const E shifted = b_.code().let(
            "shifted", ir::binary(ir::BinaryOp::shift_left, arrived, ir::bitcast(bit % per_plane, Type::i32)));
        for (std::uint32_t plane = 0; plane < sums_.size(); ++plane) {
            const E here = sums_.size() == 1 ? shifted : ir::select(bit / per_plane == E(plane), shifted, E(0));
            sums_[plane].set(sums_[plane] + here);
        }
    }

    NeuronBuilder& b_;
    const ir::FewSpikePopulation& self_;
    std::vector<Variable> sums_;
};

void build_relu(NeuronBuilder& b) {
    const ir::FewSpikePopulation& self = b.few_spike();
    const E k = E(self.code.k);
    const E t = ir::index("t");
    const E p = t % k;
    const Variable v = b.state("V", ResetClass::variable);
    const Sums sums(b, self);
    sums.add((t + k - E(1U)) % k);
    b.code().when(p == E(0U), [&] {
        v.set(sums.value());
        sums.clear();
    });
    if (b.has_readout()) {
        const Variable value = b.state("Value", ResetClass::readout);
        const std::uint32_t complete = self.stage * self.code.k;
        b.code().when(t == E(self.omits_last_spike ? complete - 1 : complete),
                      [&] { value.set(self.omits_last_spike ? sums.value() : v.value()); });
    }
    fire(b, self.code, v, p, E(true));
}

}  // namespace

NeuronModel few_spike_relu_input() {
    return {
        .entry = {.name = "few_spike_relu_input",
                  .summary = "Codes its input value as the spikes of k steps.",
                  .equations = {"step 0: V = Input", "unsigned: h = alpha 2^(-1-p); spike if V >= h, then V -= h",
                                "signed: h = alpha 2^(-1-floor(p/2)); even p: spike if V >= h, then V -= h; odd p: "
                                "spike if V < -h, then V += h"},
                  .parameters = {k_parameter(),
                                 alpha_parameter(),
                                 {.name = "signed_input",
                                  .kind = ParameterKind::boolean,
                                  .default_value = false,
                                  .doc = "code negative values too, in the odd steps; k must be even"}},
                  .example = R"({"model": "few_spike_relu_input", "params": {"k": 8, "alpha": 5.0}})"},
        .input = InputForm::values,
        .variables = {"V"},
        .few_spike = true,
        .build = build_input,
    };
}

NeuronModel few_spike_relu() {
    return {
        .entry = {.name = "few_spike_relu",
                  .summary = "Codes max(0, weighted sum of its sources' numbers) as the spikes of k steps.",
                  .equations = {"Fx += Isyn * worth of the step in which the sources fired",
                                "step 0 of its presentation: V = Fx, Fx = 0",
                                "h = alpha 2^(-1-p); spike if V >= h, then V -= h",
                                "var: V of step 0, the weighted sum itself"},
                  .parameters = {k_parameter(), alpha_parameter()},
                  .example = R"({"model": "few_spike_relu", "params": {"k": 8, "alpha": 5.0}})"},
        .output_variable = "Value",
        .variables = {"V"},
        .few_spike = true,
        .build = build_relu,
    };
}

}  // namespace mlgenn::models
