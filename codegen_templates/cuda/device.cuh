//! SPDX-License-Identifier: Apache-2.0
//! Helpers that every generated source starts with. No CUDA header is included: each costs compile time.
typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

// The shared memory of the block; its size is given at launch.
extern __shared__ __align__(16) u8 mlgenn_shared[];

// i32 arithmetic wraps.
__device__ __forceinline__ i32 wrap_add(i32 a, i32 b) {
    return i32(u32(a) + u32(b));
}
__device__ __forceinline__ i32 wrap_sub(i32 a, i32 b) {
    return i32(u32(a) - u32(b));
}
__device__ __forceinline__ i32 wrap_mul(i32 a, i32 b) {
    return i32(u32(a) * u32(b));
}
__device__ __forceinline__ i32 absolute(i32 a) {
    return a < 0 ? wrap_sub(0, a) : a;
}

// The second operand wins when the comparison is unordered.
template <class T>
__device__ __forceinline__ T minimum(T a, T b) {
    return a < b ? a : b;
}
template <class T>
__device__ __forceinline__ T maximum(T a, T b) {
    return a > b ? a : b;
}

__device__ __forceinline__ u32 lowest_bit(u32 bits) {
    return u32(__ffs(i32(bits))) - 1;
}

// Visits the set bits of a row in ascending order. Four words are read together: most of a row is empty, and reading
// word after word would take longer than all of its spikes.
struct SpikeWalk {
    const u32* row;
    u32 num_words;
    u32 next_word;
    // The neuron of the lowest bit of `near`; `far` follows 64 neurons later.
    u32 first;
    u64 near;
    u64 far;
};
__device__ __forceinline__ u64 two_words(const SpikeWalk& walk, u32 word) {
    const u32 low = word < walk.num_words ? walk.row[word] : 0;
    const u32 high = word + 1 < walk.num_words ? walk.row[word + 1] : 0;
    return u64(high) << 32 | low;
}
__device__ __forceinline__ bool next_spike(SpikeWalk& walk, u32& spike) {
    while (walk.near == 0) {
        walk.near = walk.far;
        walk.far = 0;
        walk.first += 64;
        if (walk.near == 0) {
            if (walk.next_word >= walk.num_words) {
                return false;
            }
            walk.first = 32 * walk.next_word;
            walk.near = two_words(walk, walk.next_word);
            walk.far = two_words(walk, walk.next_word + 2);
            walk.next_word += 4;
        }
    }
    spike = walk.first + u32(__ffsll(i64(walk.near))) - 1;
    walk.near &= walk.near - 1;
    return true;
}

// sum + value(i) for every spike i of the row, added in ascending order. Four values are on their way at a time:
// waiting for each would take longer than the rest of a timestep. Where the row ends they are those of neuron 0, and
// not added.
template <class T, class Value>
__device__ __forceinline__ T add_spikes(T sum, const u32* row, u32 num_words, const Value& value) {
    SpikeWalk walk = {row, num_words, 0, 0, 0, 0};
    for (;;) {
        u32 spikes[4] = {0, 0, 0, 0};
        bool found[4];
        T values[4];
        for (u32 k = 0; k < 4; ++k) {
            found[k] = next_spike(walk, spikes[k]);
        }
        for (u32 k = 0; k < 4; ++k) {
            values[k] = value(spikes[k]);
        }
        for (u32 k = 0; k < 4; ++k) {
            sum = found[k] ? sum + values[k] : sum;
        }
        if (!found[3]) {
            return sum;
        }
    }
}

// Sums of scores of all examples, in u64 words (runtime/src/score_sums.h). No order of adding changes a bit of them.
__device__ __forceinline__ void add_count(u64* sum, u32 score) {
    if (score != 0) {
        atomicAdd(sum, u64(score));
    }
}
__device__ __forceinline__ void add_to_bin(u64* sum, u32 bin) {
    atomicAdd(sum + bin, u64(1));
}
// Fixed point: seven limbs of 40 bits, the lowest bit is worth 2^-149; then flags: 1 NaN, 2 infinity, 4 -infinity.
__device__ __forceinline__ void add_exactly(u64* sum, float score) {
    const u32 bits = __float_as_uint(score);
    const u32 exponent = bits >> 23 & 0xff;
    const u32 fraction = bits & 0x7fffff;
    const bool negative = bits >> 31 != 0;
    if (exponent == 0xff) {
        atomicOr(sum + 7, u64(fraction != 0 ? 1 : negative ? 4 : 2));
        return;
    }
    if (exponent == 0) {
        return;
    }
    const u32 limb = (exponent - 1) / 40;
    const u64 shifted = u64(fraction | 0x800000) << (exponent - 1) % 40;
    const u64 low = shifted & 0xffffffffffull;
    const u64 high = shifted >> 40;
    atomicAdd(sum + limb, negative ? 0 - low : low);
    if (high != 0) {
        atomicAdd(sum + limb + 1, negative ? 0 - high : high);
    }
}

// Copies whole words between global and shared memory; this is thread `thread` of `num_threads` that do so together.
__device__ __forceinline__ void copy_words(u8* to, const u8* from, u32 num_bytes, u32 thread, u32 num_threads) {
    for (u32 i = thread; i < num_bytes / 4; i += num_threads) {
        reinterpret_cast<u32*>(to)[i] = reinterpret_cast<const u32*>(from)[i];
    }
}
