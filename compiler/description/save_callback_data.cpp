// SPDX-License-Identifier: Apache-2.0
// Callback data as an npz archive.
#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/description/messages.h"
#include "mlgenn/network_io.h"
#include "mlgenn/results_io.h"

namespace mlgenn {
namespace {

using Members = std::vector<std::pair<std::string, Array>>;

template <class T>
Array joined(const std::vector<std::vector<T>>& parts) {
    std::vector<T> all;
    for (const std::vector<T>& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return Array::from(all);
}

Array stacked(const std::vector<Array>& arrays) {
    Shape shape = arrays.front().shape();
    shape.insert(shape.begin(), arrays.size());
    Array result(arrays.front().dtype(), std::move(shape));
    std::span<std::byte> rest = result.mutable_bytes();
    for (const Array& array : arrays) {
        std::copy(array.bytes().begin(), array.bytes().end(), rest.begin());
        rest = rest.subspan(array.bytes().size());
    }
    return result;
}

/// The archive members of one key's value.
class MembersOf {
public:
    MembersOf(Members& members, const std::string& key) : members_(members), key_(key) {}

    void operator()(const SpikeTrains& trains) const {
        std::vector<std::uint64_t> offsets = {0};
        for (const std::vector<std::int32_t>& ids : trains.ids) {
            offsets.push_back(offsets.back() + ids.size());
        }
        members_.emplace_back(key_ + ".times", joined(trains.times));
        members_.emplace_back(key_ + ".ids", joined(trains.ids));
        members_.emplace_back(key_ + ".offsets", Array::from(offsets));
    }
    void operator()(const std::vector<Array>& arrays) const {
        const auto like_the_first = [&](const Array& array) {
            return array.shape() == arrays.front().shape() && array.dtype() == arrays.front().dtype();
        };
        if (arrays.empty()) {
            members_.emplace_back(key_, Array(DType::f32, {0}));
        } else if (std::all_of(arrays.begin(), arrays.end(), like_the_first)) {
            members_.emplace_back(key_, stacked(arrays));
        } else {
            for (std::size_t k = 0; k < arrays.size(); ++k) {
                members_.emplace_back(key_ + "." + std::to_string(k), arrays[k]);
            }
        }
    }
    void operator()(const Array& array) const { members_.emplace_back(key_, array); }
    void operator()(double number) const {
        members_.emplace_back(key_, Array::from(std::vector<double>{number}, Shape{}));
    }

private:
    Members& members_;
    const std::string& key_;
};

}  // namespace

void save_callback_data(const std::filesystem::path& file, const CallbackData& data) {
    Members members;
    for (const auto& [key, value] : data) {
        std::visit(MembersOf(members, key), value);
    }
    std::set<std::string> names;
    for (const auto& [name, array] : members) {
        if (!names.insert(name).second) {
            description::fail(description::shown_path(file), "two parts of the callback data are called '" + name + "'",
                              "give the callbacks other keys");
        }
    }
    save_npz(file, members);
}

}  // namespace mlgenn
