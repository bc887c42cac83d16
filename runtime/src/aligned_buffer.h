// SPDX-License-Identifier: Apache-2.0
// Memory for generated code: zeroed, on a 64-byte boundary.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace mlgenn::runtime {

class AlignedBuffer {
public:
    static constexpr std::size_t alignment = 64;

    AlignedBuffer() = default;
    /// Throws std::bad_alloc.
    explicit AlignedBuffer(std::size_t bytes)
        : bytes_(new (std::align_val_t{alignment}) std::byte[std::max<std::size_t>(bytes, 1)]), size_(bytes) {
        clear();
    }

    [[nodiscard]] std::byte* data() const { return bytes_.get(); }
    [[nodiscard]] std::size_t size() const { return size_; }
    void clear() { std::memset(bytes_.get(), 0, size_); }

private:
    struct Free {
        void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{alignment}); }
    };
    std::unique_ptr<std::byte[], Free> bytes_;
    std::size_t size_ = 0;
};

}  // namespace mlgenn::runtime
