// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/profile_report.h"

#include <nlohmann/json.hpp>

#include "tools/mlgenn_compile/output_files.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

double kernel_ms(const KernelProfile& profile) {
    double sum = 0.0;
    for (const ProfileEntry& entry : profile.entries) {
        sum += entry.kind == "kernel" ? entry.total_ms : 0.0;
    }
    return sum;
}

/// "1.23 G", or nothing when it was not counted.
std::string counted(double number) {
    return number > 0.0 ? format_si(number) : "";
}

}  // namespace

std::string profile_table(const KernelProfile& profile) {
    Table table({{"part"},
                 {"models"},
                 {"calls", Align::right},
                 {"total ms", Align::right},
                 {"%", Align::right},
                 {"mean ms", Align::right},
                 {"min ms", Align::right},
                 {"max ms", Align::right},
                 {"bytes", Align::right},
                 {"SynOps/s", Align::right}});
    const double all = kernel_ms(profile);
    for (const ProfileEntry& entry : profile.entries) {
        table.add_row({(entry.kind == "phase" ? "  " : entry.kind + " ") + entry.name, entry.detail,
                       format_count(entry.calls), format_number(entry.total_ms),
                       entry.kind != "copy" && all > 0.0 ? format_number(100.0 * entry.total_ms / all) : "",
                       format_number(entry.mean_ms()), format_number(entry.min_ms), format_number(entry.max_ms),
                       entry.bytes > 0.0 ? format_bytes(static_cast<std::size_t>(entry.bytes)) : "",
                       counted(entry.synops_per_second())});
    }
    return table.text();
}

nlohmann::ordered_json profile_json(const KernelProfile& profile) {
    nlohmann::ordered_json json{
        {"backend", profile.backend}, {"device", profile.device}, {"entries", nlohmann::ordered_json::array()}};
    for (const ProfileEntry& entry : profile.entries) {
        json["entries"].push_back({{"kind", entry.kind},
                                   {"name", entry.name},
                                   {"models", entry.detail},
                                   {"calls", entry.calls},
                                   {"total_ms", entry.total_ms},
                                   {"mean_ms", entry.mean_ms()},
                                   {"min_ms", entry.min_ms},
                                   {"max_ms", entry.max_ms},
                                   {"bytes", entry.bytes},
                                   {"synops", entry.synops},
                                   {"synops_per_second", entry.synops_per_second()}});
    }
    return json;
}

std::optional<KernelProfile> take_profile(const ProfileSettings& settings, CompiledNetwork& network,
                                          std::vector<std::filesystem::path>& files) {
    KernelProfile profile = network.profile();
    if (!settings.trace.empty()) {
        write_file(settings.trace, chrome_trace(profile));
        files.push_back(settings.trace);
    }
    return settings.table ? std::optional(std::move(profile)) : std::nullopt;
}

}  // namespace mlgenn::cli
