// SPDX-License-Identifier: Apache-2.0
// Sizes and NumPy types of the storage kinds of generated code.
#include "mlgenn/errors.h"
#include "mlgenn/execution_plan.h"

namespace mlgenn {

DType dtype_of(Storage storage) {
    switch (storage) {
        case Storage::i8:
            return DType::i8;
        case Storage::u8:
            return DType::u8;
        case Storage::i16:
            return DType::i16;
        case Storage::u16:
            return DType::u16;
        case Storage::i32:
            return DType::i32;
        case Storage::u32:
            return DType::u32;
        case Storage::f32:
            return DType::f32;
    }
    throw InternalError("dtype_of: a storage kind outside the enumeration");
}

std::size_t size_of(Storage storage) {
    return size_of(dtype_of(storage));
}

}  // namespace mlgenn
