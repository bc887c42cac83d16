// SPDX-License-Identifier: Apache-2.0
// Synapse models that a network brings with it.
#include "tests/reference/language/user_kinds.h"
#include "tests/reference/language/user_model.h"

namespace mlgenn::reference {
namespace {

std::map<std::string, double> variables_of(const UserSynapseModel& model) {
    std::map<std::string, double> variables = model.vars;
    for (const auto& [name, equation] : model.equations) {
        variables.emplace(name, 0.0);
    }
    return variables;
}

class UserSynapses : public Synapses {
public:
    UserSynapses(const UserSynapseModel& model, ParameterView& parameters, const SynapseContext& context,
                 const std::string& connection, std::uint64_t rng_seed)
        : context_(context),
          state_(parameters, model.params, model.derived_params, variables_of(model), context.num_targets, context.dt),
          texts_(keys_of(model.params, model.derived_params), keys_of(variables_of(model), {}), given(model), true),
          draws_(rng_seed, connection),
          arrived_(context.num_targets, 0.0f) {
        if (model.inject_current.empty()) {
            code_ = texts_.code(model.code);
        } else {
            injection_ = texts_.equation(model.inject_current);
            equations_.emplace(model.equations, model.solver, model.sub_steps, context.dt, texts_);
        }
        evaluator_.draws = &draws_;
        evaluator_.read = [this](const std::string& name) { return read(name); };
        evaluator_.write = [this](const std::string& name, Scalar value) {
            if (name == "inSyn") {
                arrived_[j_] = as_float(value);
            } else {
                state_.set(name, j_, as_float(value));
            }
        };
        evaluator_.inject = [this](float amount) {
            current_ = has_current_ ? current_ + amount : amount;
            has_current_ = true;
        };
        zero_first_ = begins_at_zero(model.code);
    }

    void reset() override {
        arrived_.assign(arrived_.size(), 0.0f);
        state_.reset();
    }
    void begin_step(const Moment& moment) override { moment_ = moment; }
    /// inSyn of code keeps what it had; the sum for equations starts at 0 in every step.
    void add(std::size_t j, float input) override { arrived_[j] = arrived_[j] + input; }

    float take_current(std::size_t j) override {
        j_ = j;
        draws_.begin(moment_.example, moment_.step, static_cast<std::uint32_t>(j));
        evaluator_.begin_neuron();
        if (equations_) {
            equations_->grow(state_, evaluator_, j, arrived_[j]);
            const float current = as_float(evaluator_.value(*injection_->expression()));
            equations_->step(state_, evaluator_, j);
            arrived_[j] = 0.0f;
            return current;
        }
        current_ = 0.0f;
        has_current_ = zero_first_;
        evaluator_.run(code_->statements());
        return current_;
    }

private:
    static std::map<std::string, language::ValueType> given(const UserSynapseModel& model) {
        auto names = given_names();
        names[model.inject_current.empty() ? "inSyn" : "weight"] = language::ValueType::f32;
        return names;
    }

    /// A current that is added to under a condition starts as 0.
    static bool begins_at_zero(const std::string& code) {
        const std::size_t first = code.find("injectCurrent");
        return code.substr(0, first).find("if") != std::string::npos ||
               code.substr(0, first).find("for") != std::string::npos;
    }

    [[nodiscard]] Scalar read(const std::string& name) const {
        if (name == "inSyn" || name == "weight") {
            return scalar(arrived_[j_]);
        }
        if (const auto given = given_name(name, moment_, context_.dt, j_, context_.num_targets)) {
            return *given;
        }
        return state_.find(name, j_).value();
    }

    SynapseContext context_;
    UserState state_;
    UserTexts texts_;
    RandomDraws draws_;
    std::vector<float> arrived_;
    std::unique_ptr<UserText> code_;
    std::unique_ptr<UserText> injection_;
    std::optional<UserEquations> equations_;
    Evaluator evaluator_;
    Moment moment_;
    std::size_t j_ = 0;
    float current_ = 0.0f;
    bool has_current_ = false;
    bool zero_first_ = false;
};

}  // namespace

std::unique_ptr<Synapses> make_user_synapses(const UserSynapseModel& model, ParameterView& parameters,
                                             const SynapseContext& context, const std::string& connection,
                                             std::uint64_t rng_seed) {
    return std::make_unique<UserSynapses>(model, parameters, context, connection, rng_seed);
}

}  // namespace mlgenn::reference
