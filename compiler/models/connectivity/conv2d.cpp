// SPDX-License-Identifier: Apache-2.0
// Two-dimensional convolution (cross-correlation), optionally after an average pooling.
#include "compiler/models/connectivity/convolution.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

Shape pooled_image(const Pooling& pool) {
    return {pool.rows.output, pool.columns.output, pool.channels};
}

std::optional<Shape> produced_by(const ConnectivityQuery& query, const std::optional<Convolution>& conv) {
    return conv ? std::optional(produced_image(query, conv->rows.output, conv->columns.output, conv->filters))
                : std::nullopt;
}

}  // namespace

ConnectivityModel conv2d() {
    ConnectivityModel model;
    model.entry = {
        .name = "conv2d",
        .summary = "Two-dimensional convolution (cross-correlation) of an image population.",
        .equations =
            {"source (y, x, c) reaches target (r, q, f) with weight[(y + pad - r s) / d][(x + pad - q s) / d][c][f]",
             "where the kernel has such an element; s: stride, d: dilation"},
        .parameters =
            with_weight(conv_weight_parameter(), {kernel_parameters(), conv_parameters(), {flatten_parameter()}}),
        .example = R"({"model": "conv2d", "params": {"weight": {"file": "kernel.npy"}, "conv_padding": "same"}})"};
    model.target_shape = [](const ConnectivityQuery& query) -> std::optional<Shape> {
        return query.source.empty() ? std::nullopt
                                    : produced_by(query, convolution_of(query.params, query.source, &query));
    };
    model.element_shape = image_kernel_shape;
    model.elements = ElementKind::kernel;
    model.lower = [](const ConnectivityRequest& request) {
        return lower_kernel(request, convolution_of(request.params, request.source, nullptr).value(), 1);
    };
    model.row = [](RowBuilder& b) {
        const Convolution conv = convolution_of(b.params(), b.source(), nullptr).value();
        conv_row(b, pixel_of(b, b.pre(), conv.columns.input, conv.channels), conv);
    };
    return model;
}

ConnectivityModel avg_pool_conv2d() {
    ConnectivityModel model;
    model.entry = {
        .name = "avg_pool_conv2d",
        .summary = "Average pooling over complete windows, then a convolution, in one step.",
        .equations = {"conv2d of the pooled image with weight / (pool rows * pool columns)"},
        .parameters = with_weight(conv_weight_parameter(),
                                  {kernel_parameters(), pool_parameters(), conv_parameters(), {flatten_parameter()}}),
        .example =
            R"({"model": "avg_pool_conv2d", "params": {"weight": {"file": "kernel.npy"}, "pool_size": 2, "conv_padding": "same"}})"};
    model.target_shape = [](const ConnectivityQuery& query) -> std::optional<Shape> {
        if (query.source.empty()) {
            return std::nullopt;
        }
        const auto pool = pooling_of(query.params, query.source, &query);
        return pool ? produced_by(query, convolution_of(query.params, pooled_image(*pool), &query)) : std::nullopt;
    };
    model.element_shape = image_kernel_shape;
    model.elements = ElementKind::kernel;
    model.lower = [](const ConnectivityRequest& request) {
        const Pooling pool = pooling_of(request.params, request.source, nullptr).value();
        const Convolution conv = convolution_of(request.params, pooled_image(pool), nullptr).value();
        return lower_kernel(request, conv, pool.area());
    };
    model.row = [](RowBuilder& b) {
        const Pooling pool = pooling_of(b.params(), b.source(), nullptr).value();
        const Convolution conv = convolution_of(b.params(), pooled_image(pool), nullptr).value();
        const Pixel pixel = pixel_of(b, b.pre(), pool.columns.input, pool.channels);
        pooled(b, pixel, pool, [&](const Pixel& window) { conv_row(b, window, conv); });
    };
    return model;
}

}  // namespace mlgenn::models
