// SPDX-License-Identifier: Apache-2.0
// The cache may fail, the program may not.
#include "compiler/backends/kernel_cache.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "mlgenn/compiler.h"
#include "tests/passes/small_networks.h"

namespace mlgenn::backends {
namespace {

namespace fs = std::filesystem;

class KernelCacheTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / ("mlgenn_cache_" + std::to_string(::getpid()) + "_" +
                                                  testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] fs::path only_entry() const {
        fs::path found;
        for (const auto& item : fs::directory_iterator(folder_)) {
            EXPECT_TRUE(found.empty()) << "more than one entry";
            found = item.path();
        }
        return found;
    }

    fs::path folder_;
    std::vector<std::byte> bytes_ = {std::byte{1}, std::byte{2}, std::byte{3}};
};

TEST_F(KernelCacheTest, KeyIsSha256) {
    EXPECT_EQ(cache_key("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(KernelCacheTest, GivesBackWhatWasStored) {
    const KernelCache cache(folder_.string());
    EXPECT_FALSE(cache.find("k"));
    cache.store("k", bytes_);
    EXPECT_EQ(cache.find("k"), bytes_);
    EXPECT_EQ(only_entry().filename(), "k.kernel");  // no temporary file is left
    EXPECT_EQ(fs::status(folder_).permissions(), fs::perms::owner_all);
}

TEST_F(KernelCacheTest, DeletesDamagedEntries) {
    const KernelCache cache(folder_.string());
    for (const char* damage : {"flip", "cut", "grow", "empty"}) {
        cache.store("k", bytes_);
        const fs::path entry = only_entry();
        const auto size = fs::file_size(entry);
        if (std::string_view(damage) == "flip") {
            std::fstream(entry, std::ios::in | std::ios::out | std::ios::binary)
                .seekp(static_cast<std::streamoff>(size) - 1)
                .put('x');
        } else {
            fs::resize_file(entry, std::string_view(damage) == "cut"    ? size - 1
                                   : std::string_view(damage) == "grow" ? size + 1
                                                                        : 0);
        }
        EXPECT_FALSE(cache.find("k")) << damage;
        EXPECT_FALSE(fs::exists(entry)) << damage;
    }
}

TEST_F(KernelCacheTest, DirectoryThatCannotBeMadeSwitchesItOff) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "file") << "x";
    const KernelCache cache((folder_ / "file" / "below").string());
    EXPECT_FALSE(cache.enabled());
    cache.store("k", bytes_);
    EXPECT_FALSE(cache.find("k"));
    EXPECT_FALSE(KernelCache("off").enabled());
}

TEST_F(KernelCacheTest, AFullDiskLeavesNothingBehind) {
    const KernelCache cache(folder_.string());
    const std::vector<std::byte> large(100000, std::byte{7});
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    cache.store("k", large);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_TRUE(fs::is_empty(folder_)) << "half an entry";
    cache.store("k", large);
    EXPECT_EQ(cache.find("k"), large);
}

TEST_F(KernelCacheTest, CompilationsShareEntriesAndSurviveDamage) {
    CompilerOptions options = test::small_options(Accumulation::exact, "sequential");
    options.cache_dir = folder_.string();
    double expected = 6.0;
    const auto compile = [&] {
        CompileReport report;
        auto compiled = InferenceCompiler(options).compile(test::feed_forward_network(), report);
        const Array values = Array::from<float>({1.0F, 1.5F, 0.5F}, {1, 3});
        const auto counts = compiled.predict({{"input", DenseInput{values}}}).outputs.at("output");
        EXPECT_EQ(counts.value(0) + counts.value(1), expected);
        return report;
    };
    const CompileReport cold = compile();
    EXPECT_FALSE(cold.cache_hit);
    const CompileReport warm = compile();
    EXPECT_TRUE(warm.cache_hit);
    EXPECT_EQ(warm.cache_key, cold.cache_key);
    fs::resize_file(only_entry(), 40);
    EXPECT_FALSE(compile().cache_hit);
    options.example_timesteps = 11;
    expected = 7.0;
    EXPECT_NE(compile().cache_key, cold.cache_key);
}

}  // namespace
}  // namespace mlgenn::backends
