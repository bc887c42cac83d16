// SPDX-License-Identifier: Apache-2.0
// One-dimensional convolution (cross-correlation): an image of one column.
#include "compiler/models/connectivity/convolution.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

std::optional<Shape> target_shape(const ConnectivityQuery& query) {
    if (query.source.empty()) {
        return std::nullopt;
    }
    const auto conv = convolution_of_sequence(query.params, query.source, &query);
    if (!conv) {
        return std::nullopt;
    }
    const std::size_t length = conv->rows.output;
    return produced(query,
                    query.params.boolean("flatten") ? Shape{length * conv->filters} : Shape{length, conv->filters});
}

}  // namespace

ConnectivityModel conv1d() {
    ParameterSpec weight = conv_weight_parameter();
    weight.doc = "(kernel length, input channels / groups, filters)";
    return {
        .entry = {.name = "conv1d",
                  .summary = "One-dimensional convolution (cross-correlation) of a population of shape (length, "
                             "channels).",
                  .equations = {"source (x, c) reaches target (q, f) with weight[(x + pad - q s) / d][c][f]",
                                "where the kernel has such an element; s: stride, d: dilation"},
                  .parameters = with_weight(std::move(weight), {kernel_parameters(ParameterKind::integer),
                                                                conv_parameters(ParameterKind::integer),
                                                                {flatten_parameter()}}),
                  .example = R"({"model": "conv1d", "params": {"weight": {"file": "kernel.npy"}, "conv_strides": 2}})"},
        .target_shape = target_shape,
        .element_shape = image_kernel_shape,
        .elements = ElementKind::kernel,
        .lower =
            [](const ConnectivityRequest& request) {
                return lower_kernel(request, convolution_of_sequence(request.params, request.source, nullptr).value(),
                                    1);
            },
        .row =
            [](RowBuilder& b) {
                const Convolution conv = convolution_of_sequence(b.params(), b.source(), nullptr).value();
                conv_row(b, pixel_of(b, b.pre(), conv.columns.input, conv.channels), conv);
            },
    };
}

}  // namespace mlgenn::models
