// SPDX-License-Identifier: Apache-2.0
// Neuron models that a network brings with it.
#include "tests/reference/language/user_kinds.h"
#include "tests/reference/language/user_model.h"

namespace mlgenn::reference {
namespace {

std::map<std::string, double> variables_of(const UserNeuronModel& model) {
    std::map<std::string, double> variables = model.vars;
    for (const auto& [name, equation] : model.equations) {
        variables.emplace(name, 0.0);
    }
    return variables;
}

std::vector<std::string> names_of(const std::map<std::string, double>& values) {
    return keys_of(values, {});
}

class UserNeurons : public Neurons {
public:
    UserNeurons(const UserNeuronModel& model, ParameterView& parameters, const NeuronContext& context)
        : model_(model),
          context_(context),
          state_(parameters, model.params, model.derived_params, variables_of(model), context.num_neurons, context.dt),
          texts_(keys_of(model.params, model.derived_params), names_of(variables_of(model)), given(), false),
          draws_(context.rng_seed, context.population) {
        if (model.equations.empty()) {
            sim_ = texts_.code(model.sim_code);
            condition_ = texts_.expression(model.threshold_condition_code);
            reset_ = texts_.code(model.reset_code);
        } else {
            condition_ = texts_.equation(model.threshold);
            equations_.emplace(model.equations, model.solver, model.sub_steps, context.dt, texts_);
        }
        evaluator_.draws = &draws_;
        evaluator_.read = [this](const std::string& name) { return read(name); };
        evaluator_.write = [this](const std::string& name, Scalar value) { state_.set(name, j_, as_float(value)); };
    }

    void reset() override { state_.reset(); }
    void begin_step(const Moment& moment) override { moment_ = moment; }

    void update(std::size_t j, float isyn) override {
        j_ = j;
        isyn_ = isyn;
        draws_.begin(moment_.example, moment_.step, static_cast<std::uint32_t>(j));
        evaluator_.begin_neuron();
        if (equations_) {
            equations_->step(state_, evaluator_, j);
        } else {
            evaluator_.run(sim_->statements());
        }
        fires_ = false;
        if (condition_) {
            const Scalar value = evaluator_.value(*condition_->expression());
            fires_ = equations_ ? as_float(value) >= 0.0f : is_true(value);
        }
    }
    bool fires(std::size_t) const override { return fires_; }
    void on_spike(std::size_t j) override {
        if (equations_) {
            equations_->jump(state_, evaluator_, j);
        } else {
            evaluator_.run(reset_->statements());
        }
    }
    float output(std::size_t j) const override {
        return model_.output_variable.empty() ? 0.0f : as_float(*state_.find(model_.output_variable, j));
    }
    const std::vector<float>* variable(std::string_view name) const override { return state_.variable(name); }

private:
    static std::map<std::string, language::ValueType> given() {
        auto names = given_names();
        names["Isyn"] = language::ValueType::f32;
        return names;
    }

    [[nodiscard]] Scalar read(const std::string& name) const {
        if (name == "Isyn") {
            return scalar(isyn_);
        }
        if (const auto given = given_name(name, moment_, context_.dt, j_, context_.num_neurons)) {
            return *given;
        }
        return state_.find(name, j_).value();
    }

    UserNeuronModel model_;
    NeuronContext context_;
    UserState state_;
    UserTexts texts_;
    RandomDraws draws_;
    std::unique_ptr<UserText> sim_;
    std::unique_ptr<UserText> condition_;
    std::unique_ptr<UserText> reset_;
    std::optional<UserEquations> equations_;
    Evaluator evaluator_;
    Moment moment_;
    std::size_t j_ = 0;
    float isyn_ = 0.0f;
    bool fires_ = false;
};

}  // namespace

std::unique_ptr<Neurons> make_user_neurons(const UserNeuronModel& model, ParameterView& parameters,
                                           const NeuronContext& context) {
    return std::make_unique<UserNeurons>(model, parameters, context);
}

}  // namespace mlgenn::reference
