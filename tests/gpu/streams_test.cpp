// SPDX-License-Identifier: Apache-2.0
// The stand-in driver runs work as late as a device may, so that a missing wait shows: otherwise tests of overlapping
// copies prove little.
#include <cstring>
#include <string>

#include "runtime/src/cuda/resources.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

constexpr std::size_t bytes = 64;

/// A device with two streams, and memory on both sides.
class Streams : public StandInGpu {
protected:
    Streams() {
        std::memset(from_.data(), 1, bytes);
        std::memset(to_.data(), 0, bytes);
    }
    void upload(const cuda::Stream& stream) const {
        driver_->check(driver_->call().cuMemcpyHtoDAsync_v2(device_.address(), from_.data(), bytes, stream.handle()),
                       "upload");
    }
    void download(const cuda::Stream& stream) const {
        driver_->check(driver_->call().cuMemcpyDtoHAsync_v2(to_.data(), device_.address(), bytes, stream.handle()),
                       "download");
    }
    [[nodiscard]] int downloaded() const { return static_cast<unsigned char>(*to_.data()); }

    std::string problem_{};
    std::shared_ptr<const cuda::Driver> driver_ = cuda::Driver::load({}, problem_);
    cuda::Context context_{driver_};
    cuda::PinnedMemory from_{*driver_, bytes, "a test"};
    cuda::PinnedMemory to_{*driver_, bytes, "a test"};
    cuda::DeviceMemory device_{*driver_, bytes, "a test"};
    cuda::Stream copies_{*driver_};
    cuda::Stream compute_{*driver_};
    cuda::Event uploaded_{*driver_, cuda::Event::Kind::order};
    cuda::Event used_{*driver_, cuda::Event::Kind::order};
};

TEST_F(Streams, AnEventOrdersTwoStreams) {
    upload(copies_);
    uploaded_.record(copies_);
    compute_.wait_for(uploaded_);
    download(compute_);
    EXPECT_EQ(downloaded(), 0) << "nobody has waited yet";
    compute_.wait("testing");
    EXPECT_EQ(downloaded(), 1);
    EXPECT_EQ(counters().bytes_uploaded, bytes);
    EXPECT_EQ(counters().bytes_downloaded, bytes);
}

TEST_F(Streams, AMissingWaitShows) {
    upload(copies_);
    uploaded_.record(copies_);
    download(compute_);
    compute_.wait("testing");
    EXPECT_EQ(downloaded(), 0xA5) << "memory on the device starts poisoned";
}

TEST_F(Streams, APinnedBufferThatIsOverwrittenTooEarlyShows) {
    upload(copies_);
    std::memset(from_.data(), 2, bytes);
    uploaded_.record(copies_);
    uploaded_.wait("testing");
    download(compute_);
    compute_.wait("testing");
    EXPECT_EQ(downloaded(), 2);
}

TEST_F(Streams, AnUploadIntoMemoryThatIsStillInUseShowsWhenUploadsAreEarly) {
    const auto second_upload_comes_behind_the_download = [&](bool waits) {
        std::memset(from_.data(), 1, bytes);
        upload(copies_);
        uploaded_.record(copies_);
        compute_.wait_for(uploaded_);
        download(compute_);
        used_.record(compute_);
        copies_.wait("testing");
        std::memset(from_.data(), 2, bytes);
        if (waits) {
            copies_.wait_for(used_);
        }
        upload(copies_);
        compute_.wait("testing");
        copies_.wait("testing");
        return downloaded() == 1;
    };
    EXPECT_TRUE(second_upload_comes_behind_the_download(true));
    EXPECT_TRUE(second_upload_comes_behind_the_download(false)) << "late uploads hide it";
    stand_in::Settings settings;
    settings.early_uploads = true;
    configure(settings);
    EXPECT_TRUE(second_upload_comes_behind_the_download(true));
    EXPECT_FALSE(second_upload_comes_behind_the_download(false));
}

TEST_F(Streams, TimesNeedEventsThatHaveBeenReached) {
    const cuda::Event begin(*driver_, cuda::Event::Kind::time);
    const cuda::Event end(*driver_, cuda::Event::Kind::time);
    begin.record(compute_);
    end.record(compute_);
    EXPECT_THROW((void)end.milliseconds_since(begin), DeviceError);
    compute_.wait("testing");
    EXPECT_GE(end.milliseconds_since(begin), 0.0);
}

}  // namespace
}  // namespace mlgenn::testing
