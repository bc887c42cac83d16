// SPDX-License-Identifier: Apache-2.0
// Cephes' expf, step by step.
#include "tests/reference/exponential_function.h"

#include <cmath>

namespace mlgenn::reference {

float exponential_function(float x) {
    if (std::isnan(x)) {
        return x;
    }
    const float bounded = x < -104.0f ? -104.0f : (x > 89.0f ? 89.0f : x);
    const float n = std::nearbyint(bounded * 1.44269504088896341f);
    float r = std::fma(n, -0.693359375f, bounded);
    r = std::fma(n, 2.12194440e-4f, r);
    float sum = 1.9875691500e-4f;
    sum = std::fma(sum, r, 1.3981999507e-3f);
    sum = std::fma(sum, r, 8.3334519073e-3f);
    sum = std::fma(sum, r, 4.1665795894e-2f);
    sum = std::fma(sum, r, 1.6666665459e-1f);
    sum = std::fma(sum, r, 5.0000001201e-1f);
    const float square = r * r;
    const float tail = std::fma(sum, square, r);
    const float power = tail + 1.0f;
    const int half = static_cast<int>(std::floor(n / 2.0f));
    const float once = power * std::ldexp(1.0f, half);
    return once * std::ldexp(1.0f, static_cast<int>(n) - half);
}

}  // namespace mlgenn::reference
