// SPDX-License-Identifier: Apache-2.0
// Inputs without state: binary_spike_input, and poisson_input with the published generator's numbers.
#include <cmath>

#include "tests/reference/exponential_function.h"
#include "tests/reference/neurons.h"
#include "tests/reference/random.h"

namespace mlgenn::reference {
namespace {

class StatelessInput : public Neurons {
public:
    StatelessInput(ParameterView& parameters, const NeuronContext& context)
        : signed_spikes_(parameters.boolean("signed_spikes", false)), input_(context.num_neurons, 0.0f) {}

    void reset() override {}
    void update(std::size_t j, float value) override { input_[j] = happens(j, value) ? value : 0.0f; }
    bool fires(std::size_t j) const override { return input_[j] > 0.0f; }
    bool fires_negative(std::size_t j) const override { return signed_spikes_ && input_[j] < 0.0f; }
    void on_spike(std::size_t) override {}
    float output(std::size_t) const override { return 0.0f; }
    const std::vector<float>* variable(std::string_view) const override { return nullptr; }

private:
    [[nodiscard]] virtual bool happens(std::size_t j, float value) const = 0;

    bool signed_spikes_;
    /// The input of this step where an event happens, else 0.
    std::vector<float> input_;
};

class BinarySpikeInput : public StatelessInput {
public:
    using StatelessInput::StatelessInput;

private:
    bool happens(std::size_t, float) const override { return true; }
};

class PoissonInput : public StatelessInput {
public:
    PoissonInput(ParameterView& parameters, const NeuronContext& context)
        : StatelessInput(parameters, context),
          dt_(static_cast<float>(context.dt)),
          seed_(context.rng_seed),
          stream_(hash(context.population + ".random")) {}

    void begin_step(const Moment& moment) override { moment_ = moment; }

private:
    bool happens(std::size_t j, float value) const override {
        const std::uint32_t word =
            random_word(seed_, {moment_.example, moment_.step, static_cast<std::uint32_t>(j), stream_}, 0);
        const float uniform = static_cast<float>(word >> 8) * 0x1p-24f;
        const float exponent = std::fabs(value) * -dt_;
        return uniform >= exponential_function(exponent);
    }

    float dt_;
    std::uint64_t seed_;
    std::uint32_t stream_;
    Moment moment_;
};

}  // namespace

std::unique_ptr<Neurons> make_binary_spike_input(ParameterView& parameters, const NeuronContext& context) {
    return std::make_unique<BinarySpikeInput>(parameters, context);
}

std::unique_ptr<Neurons> make_poisson_input(ParameterView& parameters, const NeuronContext& context) {
    return std::make_unique<PoissonInput>(parameters, context);
}

}  // namespace mlgenn::reference
