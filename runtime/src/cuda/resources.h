// SPDX-License-Identifier: Apache-2.0
// What the executor owns on a device; everything is given back with its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/cuda/driver.h"

namespace mlgenn::cuda {

/// The device's primary context.
class Context {
public:
    explicit Context(std::shared_ptr<const Driver> driver);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context();
    [[nodiscard]] const Driver& driver() const { return *driver_; }
    [[nodiscard]] Handle handle() const { return handle_; }

private:
    std::shared_ptr<const Driver> driver_;
    Handle handle_ = nullptr;
};

/// Makes a context this thread's current one for as long as the object lives. If that fails, the calls that need it
/// report it.
class CurrentContext {
public:
    explicit CurrentContext(const Context& context);
    CurrentContext(const CurrentContext&) = delete;
    CurrentContext& operator=(const CurrentContext&) = delete;
    ~CurrentContext();

private:
    const Driver& driver_;
    bool pushed_;
};

/// An allocation failed; the device itself is fine.
class OutOfMemory : public DeviceError {
public:
    using DeviceError::DeviceError;
};

/// Uninitialised memory on the device.
class DeviceMemory {
public:
    DeviceMemory() = default;
    /// No bytes: nothing is allocated. Throws OutOfMemory saying for what and how many bytes.
    DeviceMemory(const Driver& driver, std::size_t bytes, const char* purpose);
    DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
    DeviceMemory& operator=(DeviceMemory&& other) noexcept {
        swap(other);
        return *this;
    }
    ~DeviceMemory();
    [[nodiscard]] DevicePointer address() const { return address_; }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    void swap(DeviceMemory& other) noexcept {
        std::swap(driver_, other.driver_);
        std::swap(address_, other.address_);
        std::swap(size_, other.size_);
    }
    const Driver* driver_ = nullptr;
    DevicePointer address_ = 0;
    std::size_t size_ = 0;
};

/// Memory of the host that the device can read and write directly.
class PinnedMemory {
public:
    PinnedMemory() = default;
    PinnedMemory(const Driver& driver, std::size_t bytes, const char* purpose);
    PinnedMemory(PinnedMemory&& other) noexcept { swap(other); }
    PinnedMemory& operator=(PinnedMemory&& other) noexcept {
        swap(other);
        return *this;
    }
    ~PinnedMemory();
    [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(address_); }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    void swap(PinnedMemory& other) noexcept {
        std::swap(driver_, other.driver_);
        std::swap(address_, other.address_);
        std::swap(size_, other.size_);
    }
    const Driver* driver_ = nullptr;
    void* address_ = nullptr;
    std::size_t size_ = 0;
};

class Event;

class Stream {
public:
    explicit Stream(const Driver& driver);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();
    [[nodiscard]] Handle handle() const { return handle_; }
    /// Waits for everything that was queued; throws DeviceError for what went wrong in it.
    void wait(const char* doing) const;
    /// What is queued from now on comes behind the event's last record.
    void wait_for(const Event& event) const;

private:
    const Driver& driver_;
    Handle handle_ = nullptr;
};

/// A point in a stream.
class Event {
public:
    enum class Kind : std::uint8_t { order, time };
    Event(const Driver& driver, Kind kind);
    Event(Event&& other) noexcept : driver_(other.driver_), handle_(std::exchange(other.handle_, nullptr)) {}
    Event& operator=(Event&&) = delete;
    ~Event();
    /// Whatever `stream` has been given so far comes before it.
    void record(const Stream& stream) const;
    /// The host waits for the last record; throws DeviceError for what went wrong before it.
    void wait(const char* doing) const;
    [[nodiscard]] Handle handle() const { return handle_; }
    /// Between two events of kind time whose streams have been waited for.
    [[nodiscard]] double milliseconds_since(const Event& earlier) const;

private:
    const Driver* driver_;
    Handle handle_ = nullptr;
};

/// Loaded device code.
class LoadedModule {
public:
    LoadedModule(const Driver& driver, const void* image);
    LoadedModule(const LoadedModule&) = delete;
    LoadedModule& operator=(const LoadedModule&) = delete;
    ~LoadedModule();
    [[nodiscard]] Handle function(const char* name) const;

private:
    const Driver& driver_;
    Handle handle_ = nullptr;
};

/// A recorded sequence of launches.
class Graph {
public:
    /// Records what `enqueue()` puts into `stream`.
    template <class Enqueue>
    Graph(const Driver& driver, const Stream& stream, const Enqueue& enqueue) : driver_(&driver) {
        begin(stream);
        enqueue();
        finish(stream);
    }
    Graph(Graph&& other) noexcept : driver_(other.driver_), executable_(std::exchange(other.executable_, nullptr)) {}
    Graph& operator=(Graph&&) = delete;
    ~Graph();
    void launch(const Stream& stream) const;

private:
    void begin(const Stream& stream) const;
    void finish(const Stream& stream);
    const Driver* driver_;
    Handle executable_ = nullptr;
};

}  // namespace mlgenn::cuda
