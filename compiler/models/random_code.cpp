// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/random_code.h"

namespace mlgenn::models {
namespace {

using ir::E;

E exclusive_or(const E& a, const E& b, std::uint32_t key) {
    return ir::binary(ir::BinaryOp::bit_xor, ir::binary(ir::BinaryOp::bit_xor, a, b), E(key));
}

}  // namespace

std::array<E, 4> philox4x32(CodeBuilder& code, const std::string& name, PhiloxKey key,
                            const std::array<E, 4>& counter) {
    constexpr int num_rounds = 10;
    const E first(0xD2511F53U);
    const E second(0xCD9E8D57U);
    std::array<E, 4> words = counter;
    for (int round = 0; round < num_rounds; ++round) {
        const auto local = [&](const char* word, const E& value) {
            return code.let(name + "_" + word + std::to_string(round), value);
        };
        const E word_0 = local("a", exclusive_or(ir::multiply_high(second, words[2]), words[1], key[0]));
        const E word_1 = local("b", second * words[2]);
        const E word_2 = local("c", exclusive_or(ir::multiply_high(first, words[0]), words[3], key[1]));
        const E word_3 = local("d", first * words[0]);
        words = {word_0, word_1, word_2, word_3};
        key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
    }
    return words;
}

E uniform_from(const E& word) {
    // The value fits in i32, from which conversion is cheaper.
    const E upper = ir::bitcast(ir::binary(ir::BinaryOp::shift_right, word, E(8U)), ir::Type::i32);
    return ir::convert(upper, ir::Type::f32) * E(0x1p-24F);
}

}  // namespace mlgenn::models
