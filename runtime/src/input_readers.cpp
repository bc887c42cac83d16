// SPDX-License-Identifier: Apache-2.0
// Converts the caller's inputs, one example at a time, into what generated code reads.
#include "runtime/src/input_readers.h"

#include <algorithm>
#include <type_traits>

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

namespace {

/// Calls visit(span) with elements [begin, begin + count) in their own type; bool, which nobody asks for, as u8.
template <class Visit>
void visit_elements(const Array& array, std::size_t begin, std::size_t count, const Visit& visit) {
    const auto typed = [&]<class T>(std::type_identity<T>) {
        visit(std::span(reinterpret_cast<const T*>(array.bytes().data()), array.size()).subspan(begin, count));
    };
    switch (array.dtype()) {
        case DType::boolean:
        case DType::u8:
            return typed(std::type_identity<std::uint8_t>{});
        case DType::i8:
            return typed(std::type_identity<std::int8_t>{});
        case DType::u16:
            return typed(std::type_identity<std::uint16_t>{});
        case DType::i16:
            return typed(std::type_identity<std::int16_t>{});
        case DType::u32:
            return typed(std::type_identity<std::uint32_t>{});
        case DType::i32:
            return typed(std::type_identity<std::int32_t>{});
        case DType::u64:
            return typed(std::type_identity<std::uint64_t>{});
        case DType::i64:
            return typed(std::type_identity<std::int64_t>{});
        case DType::f32:
            return typed(std::type_identity<float>{});
        case DType::f64:
            return typed(std::type_identity<double>{});
    }
    throw InternalError("an array type outside the enumeration");
}

template <class T>
[[noreturn]] void report_bad_id(std::span<const T> ids, const std::string& population, std::uint32_t num_neurons,
                                EventOrigin origin) {
    const auto bad = std::find_if(ids.begin(), ids.end(),
                                  [&](T id) { return id < T{0} || static_cast<std::uint64_t>(id) >= num_neurons; });
    throw DescriptionError(bad_event_id(population, origin.example,
                                        origin.first_event + static_cast<std::size_t>(bad - ids.begin()),
                                        std::to_string(*bad), num_neurons));
}

}  // namespace

DenseReader::DenseReader(const DenseInput& input, std::size_t values_per_example)
    : values_(input.values), scale_(input.scale), values_per_example_(values_per_example) {
    const bool is_bool = values_.dtype() == DType::boolean;
    if (is_bool || values_.dtype() == DType::u8) {
        for (int byte = 0; byte < 256; ++byte) {
            const double value = is_bool ? static_cast<double>(byte != 0) : static_cast<double>(byte);
            table_.push_back(static_cast<float>(value * scale_));
        }
    }
}

std::span<const float> DenseReader::read(std::size_t example, std::vector<float>& scratch) const {
    const std::size_t begin = example * values_per_example_;
    if (values_.dtype() == DType::f32 && scale_ == 1.0) {
        return values_.as<float>().subspan(begin, values_per_example_);
    }
    scratch.resize(values_per_example_);
    if (!table_.empty()) {
        const std::span<const std::byte> bytes = values_.bytes().subspan(begin, values_per_example_);
        std::transform(bytes.begin(), bytes.end(), scratch.begin(),
                       [this](std::byte x) { return table_[std::to_integer<std::size_t>(x)]; });
        return scratch;
    }
    visit_elements(values_, begin, values_per_example_, [&](auto values) {
        std::transform(values.begin(), values.end(), scratch.begin(),
                       [this](auto x) { return static_cast<float>(static_cast<double>(x) * scale_); });
    });
    return scratch;
}

std::optional<ByteValues> DenseReader::read_bytes(std::size_t example) const {
    if (table_.empty()) {
        return std::nullopt;
    }
    return ByteValues{.bytes = values_.bytes().subspan(example * values_per_example_, values_per_example_),
                      .table = table_};
}

EventReader::EventReader(const SpikeInput& input, const InputPlan& plan)
    : population_(plan.population), num_neurons_(plan.num_neurons), times_(input.times_ms), ids_(input.ids) {
    const std::vector<std::int64_t> offsets = input.offsets.to_i64();
    offsets_.assign(offsets.begin(), offsets.end());
    for (std::size_t example = 0; example + 1 < offsets_.size(); ++example) {
        most_events_ = std::max(most_events_, offsets_[example + 1] - offsets_[example]);
    }
}

EventScratch EventReader::make_scratch(std::uint32_t num_timesteps, double dt_ms) const {
    EventScratch scratch{.binner = SpikeEventBinner(population_, num_neurons_, num_timesteps, dt_ms)};
    scratch.binner.reserve(most_events_);
    scratch.times.reserve(most_events_);
    scratch.ids.reserve(most_events_);
    return scratch;
}

StepEvents EventReader::read(std::size_t example, EventScratch& scratch) const {
    const EventOrigin origin{.example = example, .first_event = offsets_[example]};
    const std::size_t end = offsets_[example + 1];
    const std::span<const float> times = times_of(origin.first_event, end, scratch);
    return scratch.binner.bin(times, ids_of(origin, end, scratch), origin);
}

std::span<const float> EventReader::times_of(std::size_t begin, std::size_t end, EventScratch& scratch) const {
    if (times_.dtype() == DType::f32) {
        return times_.as<float>().subspan(begin, end - begin);
    }
    scratch.times.resize(end - begin);
    visit_elements(times_, begin, end - begin, [&](auto times) {
        std::transform(times.begin(), times.end(), scratch.times.begin(),
                       [](auto time) { return static_cast<float>(time); });
    });
    return scratch.times;
}

std::span<const std::uint32_t> EventReader::ids_of(EventOrigin origin, std::size_t end, EventScratch& scratch) const {
    const std::size_t begin = origin.first_event;
    if (ids_.dtype() == DType::u32) {
        return ids_.as<std::uint32_t>().subspan(begin, end - begin);
    }
    scratch.ids.resize(end - begin);
    visit_elements(ids_, begin, end - begin, [&](auto ids) {
        using Id = typename decltype(ids)::value_type;
        if constexpr (std::is_integral_v<Id>) {
            std::uint32_t any_bad = 0;
            for (std::size_t i = 0; i < ids.size(); ++i) {
                // Negative ids become huge ones.
                any_bad |= static_cast<std::uint64_t>(ids[i]) >= num_neurons_ ? 1U : 0U;
                scratch.ids[i] = static_cast<std::uint32_t>(ids[i]);
            }
            if (any_bad != 0) {
                report_bad_id(ids, population_, num_neurons_, origin);
            }
        } else {
            throw InternalError("event ids that are no integers");
        }
    });
    return scratch.ids;
}

}  // namespace mlgenn::runtime
