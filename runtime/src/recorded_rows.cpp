// SPDX-License-Identifier: Apache-2.0
// Reading the rows that generated code records: bits of spikes, and values in any storage.
#include "runtime/src/recorded_rows.h"

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

namespace {

template <class T>
void widen(std::span<const std::byte> row, std::span<float> values) {
    for (std::size_t neuron = 0; neuron < values.size(); ++neuron) {
        T value;
        std::memcpy(&value, row.data() + neuron * sizeof(T), sizeof(T));
        values[neuron] = static_cast<float>(value);
    }
}

}  // namespace

void widen(Storage storage, std::span<const std::byte> row, std::span<float> values) {
    switch (storage) {
        case Storage::i8:
            return widen<std::int8_t>(row, values);
        case Storage::u8:
            return widen<std::uint8_t>(row, values);
        case Storage::i16:
            return widen<std::int16_t>(row, values);
        case Storage::u16:
            return widen<std::uint16_t>(row, values);
        case Storage::i32:
            return widen<std::int32_t>(row, values);
        case Storage::u32:
            return widen<std::uint32_t>(row, values);
        case Storage::f32:
            return widen<float>(row, values);
    }
    throw InternalError("a recording of a storage kind outside the enumeration");
}

}  // namespace mlgenn::runtime
