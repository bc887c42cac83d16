// SPDX-License-Identifier: Apache-2.0
// Array files that a description names: missing, elsewhere, or not what it says.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tests/errors/description_case.h"
#include "tests/support/array_bytes.h"
#include "tests/support/temp_folder.h"

namespace mlgenn::test {
namespace {

constexpr const char* weight = "net.json: /connections/0/connectivity/params/weight: ";

/// A folder with a description in "net", and files within and outside of it.
class Reference : public testing::Test {
protected:
    Reference() {
        folder_.write("secret.npy", matrix(1.0F));
        folder_.write("network/good.npy", matrix(1.0F));
        folder_.write("network/sub/good.npz", zip_file({{.name = "w.npy", .data = matrix(1.0F)}}));
    }

    /// An npy file of shape (4, 3) that ends in `last`.
    static std::string matrix(float last) {
        std::vector<float> values(12, 1.0F);
        values.back() = last;
        return npy_file(npy_header("<f4", "(4, 3)"), bytes_of(values));
    }

    /// What reading the description with this weight says, without the name of the parameter.
    [[nodiscard]] std::string error_of(const std::string& reference, const ReadOptions& options = {}) const {
        try {
            static_cast<void>(parse_network(with_weight(reference), "net.json", folder_.path() / "network", options));
        } catch (const DescriptionError& error) {
            const std::string text = error.what();
            return text.rfind(weight, 0) == 0 ? text.substr(std::string(weight).size()) : text;
        }
        return "accepted";
    }

    TempFolder folder_;
};

TEST_F(Reference, ReadsFilesBelowTheFolder) {
    EXPECT_EQ(error_of(R"({"file": "good.npy"})"), "accepted");
    EXPECT_EQ(error_of(R"({"file": "sub/../good.npy", "shape": [4, 3], "dtype": "float32"})"), "accepted");
    EXPECT_EQ(error_of(R"({"file": "sub/good.npz", "member": "w"})"), "accepted");
}

TEST_F(Reference, NeedsAFile) {
    const std::string remedy = R"(
    write {"file": "weights.npy"})";
    EXPECT_EQ(error_of("{}"), "the array has no \"file\"" + remedy);
    EXPECT_EQ(error_of(R"({"file": 3})"), "\"file\" is 3, expected a path" + remedy);
    EXPECT_EQ(error_of(R"({"file": ""})"), "found '', expected a path\n    name a file");
    EXPECT_EQ(error_of(R"({"file": "good.npy\u0000.txt"})"),
              "found 'good.npy\\x00.txt', expected a path\n    name a file");
    EXPECT_EQ(error_of(R"({"file": "good.npy", "type": "float32"})"), "unknown key 'type'\n    did you mean 'dtype'?");
    EXPECT_EQ(error_of(R"({"file": "sub/good.npz", "member": 1})"),
              "\"member\" is 1, expected a name\n    write {\"file\": \"weights.npz\", \"member\": \"w\"}");
}

TEST_F(Reference, SaysWhatIsMissing) {
    EXPECT_EQ(error_of(R"({"file": "absent.npy"})"),
              "absent.npy: cannot be read: No such file or directory\n    check the path");
    EXPECT_EQ(error_of(R"({"file": "sub"})"), "sub: is a folder, expected a file\n    name a file");
    EXPECT_EQ(error_of(R"({"file": "good.npy/w.npy"})"),
              "good.npy/w.npy: cannot be read: Not a directory\n    check the path");
    EXPECT_EQ(error_of(R"({"file": "sub/good.npz"})"),
              "sub/good.npz: is an archive of arrays, expected one array\n    name a member of the archive");
    EXPECT_EQ(error_of(R"({"file": "sub/good.npz", "member": "W"})"),
              "sub/good.npz: the archive has no member 'W'\n    did you mean 'w'?");
    EXPECT_EQ(error_of(R"({"file": "good.npy", "member": "w"})"),
              "good.npy: is not an intact zip archive: the directory at its end is missing (is the file truncated?)\n"
              "    write the file again with numpy.savez");
}

TEST_F(Reference, StaysInTheFolder) {
    const std::string remedy = "\n    put the file beside the description, or allow outside paths";
    const std::string outside = (folder_.path() / "secret.npy").string();
    EXPECT_EQ(error_of(R"({"file": "../secret.npy"})"),
              "'../secret.npy' leads out of the description's folder" + remedy);
    EXPECT_EQ(error_of(R"({"file": "sub/../../secret.npy"})"),
              "'sub/../../secret.npy' leads out of the description's folder" + remedy);
    EXPECT_EQ(error_of(R"({"file": ")" + outside + R"("})").substr(outside.size() + 2),
              " is an absolute path, expected one relative to the description's folder" + remedy);
    // A folder whose name only starts like the description's.
    folder_.write("network-2/good.npy", matrix(1.0F));
    EXPECT_EQ(error_of(R"({"file": "../network-2/good.npy"})"),
              "'../network-2/good.npy' leads out of the description's folder" + remedy);
}

TEST_F(Reference, FollowsLinksBeforeItJudges) {
    const std::filesystem::path network = folder_.path() / "network";
    std::filesystem::create_symlink("../secret.npy", network / "link.npy");
    std::filesystem::create_directory_symlink("..", network / "up");
    std::filesystem::create_symlink("good.npy", network / "inside.npy");
    std::filesystem::create_symlink("loop.npy", network / "loop.npy");
    const std::string outside =
        " leads out of the description's folder\n    put the file beside the description, or allow outside paths";
    EXPECT_EQ(error_of(R"({"file": "link.npy"})"), "'link.npy'" + outside);
    EXPECT_EQ(error_of(R"({"file": "up/secret.npy"})"), "'up/secret.npy'" + outside);
    EXPECT_EQ(error_of(R"({"file": "inside.npy"})"), "accepted");
    EXPECT_EQ(error_of(R"({"file": "loop.npy"})"),
              "'loop.npy' cannot be found: Too many levels of symbolic links\n    check the path");
}

TEST_F(Reference, MayLeaveTheFolderWhenAllowed) {
    const ReadOptions allowed{.allow_outside_paths = true};
    EXPECT_EQ(error_of(R"({"file": "../secret.npy"})", allowed), "accepted");
    EXPECT_EQ(error_of(R"({"file": ")" + (folder_.path() / "secret.npy").string() + R"("})", allowed), "accepted");
}

TEST_F(Reference, ChecksWhatTheDescriptionExpects) {
    EXPECT_EQ(error_of(R"({"file": "good.npy", "shape": [3, 4]})"),
              "the file holds shape [4, 3], but \"shape\" is [3,4]\n    correct one of them");
    EXPECT_EQ(error_of(R"({"file": "good.npy", "dtype": "float64"})"),
              "the file holds float32, but \"dtype\" is 'float64'\n    correct one of them");
    EXPECT_EQ(error_of(R"({"file": "good.npy", "shape": "big"})"),
              "the file holds shape [4, 3], but \"shape\" is \"big\"\n    correct one of them");
}

TEST_F(Reference, RespectsTheLimit) {
    EXPECT_EQ(error_of(R"({"file": "good.npy"})", {.max_array_bytes = 47}),
              "good.npy: an array of shape [4, 3] of float32 needs more than the limit of 47 bytes\n"
              "    use a smaller array, or raise ReadOptions::max_array_bytes");
    EXPECT_EQ(error_of("[[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]]", {.max_array_bytes = 95}),
              "the list has 12 numbers, more than the limit of 95 bytes\n"
              "    use a smaller array, or raise ReadOptions::max_array_bytes");
}

TEST_F(Reference, RefusesWeightsThatAreNotFinite) {
    const std::string remedy = "\n    correct it: (source neurons, target neurons), or one number for all synapses";
    folder_.write("network/nan.npy", matrix(std::numeric_limits<float>::quiet_NaN()));
    EXPECT_EQ(error_of(R"({"file": "nan.npy"})"),
              "found nan as element [3, 2], expected a finite number, or an array of them" + remedy);
    folder_.write("network/inf.npy", matrix(-std::numeric_limits<float>::infinity()));
    EXPECT_EQ(error_of(R"({"file": "inf.npy"})"),
              "found -inf as element [3, 2], expected a finite number, or an array of them" + remedy);
    folder_.write("network/bool.npy", npy_file(npy_header("|b1", "(4, 3)"), std::string(12, '\1')));
    EXPECT_EQ(error_of(R"({"file": "bool.npy"})"),
              "found an array of shape [4, 3] (bool), expected a finite number, or an array of them" + remedy);
}

TEST_F(Reference, ReadsTheDescriptionItselfWithCare) {
    const auto error_of_file = [&](const std::string& name) -> std::string {
        try {
            static_cast<void>(load_network(folder_.path() / name));
        } catch (const DescriptionError& error) {
            return without_folder(error.what(), folder_.path());
        }
        return "accepted";
    };
    folder_.write("network/net.json", with_weight(R"({"file": "good.npy"})"));
    EXPECT_EQ(error_of_file("network/net.json"), "accepted");
    EXPECT_EQ(error_of_file("absent.json"),
              "absent.json: cannot be read: No such file or directory\n    check the path");
    EXPECT_EQ(error_of_file("network"), "network: is a folder, expected a file\n    name a file");
    folder_.write("large.json", std::string((64 << 20) + 1, ' '));
    EXPECT_EQ(error_of_file("large.json"),
              "large.json: has 67108865 bytes, more than the limit of 67108864\n    put large arrays into npy files");
    folder_.write("deep.json", std::string(100000, '['));
    EXPECT_EQ(error_of_file("deep.json"),
              "deep.json: the JSON is nested more than 64 levels deep\n    use fewer levels");
}

}  // namespace
}  // namespace mlgenn::test
