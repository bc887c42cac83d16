// SPDX-License-Identifier: Apache-2.0
// Owners of device resources. Destructors ignore errors: after a lost device every call fails.
#include "runtime/src/cuda/resources.h"

#include <algorithm>
#include <string>

#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

constexpr unsigned non_blocking_stream = 1;
constexpr int capture_this_thread = 1;

[[noreturn]] void fail_allocation(const Driver& driver, Result result, std::size_t bytes, const char* purpose) {
    throw OutOfMemory(driver.device_name() + ": no memory for " + purpose + " (" + std::to_string(bytes) +
                      " bytes): " + driver.error_text(result));
}

}  // namespace

Context::Context(std::shared_ptr<const Driver> driver) : driver_(std::move(driver)) {
    driver_->check(driver_->call().cuDevicePrimaryCtxRetain(&handle_, driver_->device()), "opening the device");
}

Context::~Context() {
    driver_->call().cuDevicePrimaryCtxRelease_v2(driver_->device());
}

CurrentContext::CurrentContext(const Context& context)
    : driver_(context.driver()), pushed_(driver_.call().cuCtxPushCurrent_v2(context.handle()) == 0) {}

CurrentContext::~CurrentContext() {
    if (pushed_) {
        Handle previous = nullptr;
        driver_.call().cuCtxPopCurrent_v2(&previous);
    }
}

DeviceMemory::DeviceMemory(const Driver& driver, std::size_t bytes, const char* purpose)
    : driver_(&driver), size_(bytes) {
    const Result result = bytes > 0 ? driver.call().cuMemAlloc_v2(&address_, bytes) : 0;
    if (result != 0) {
        fail_allocation(driver, result, bytes, purpose);
    }
}

DeviceMemory::~DeviceMemory() {
    if (address_ != 0) {
        driver_->call().cuMemFree_v2(address_);
    }
}

PinnedMemory::PinnedMemory(const Driver& driver, std::size_t bytes, const char* purpose)
    : driver_(&driver), size_(bytes) {
    const Result result = driver.call().cuMemHostAlloc(&address_, std::max<std::size_t>(bytes, 1), 0);
    if (result != 0) {
        fail_allocation(driver, result, bytes, purpose);
    }
}

PinnedMemory::~PinnedMemory() {
    if (address_ != nullptr) {
        driver_->call().cuMemFreeHost(address_);
    }
}

Stream::Stream(const Driver& driver) : driver_(driver) {
    driver_.check(driver_.call().cuStreamCreate(&handle_, non_blocking_stream), "creating a stream");
}

Stream::~Stream() {
    driver_.call().cuStreamDestroy_v2(handle_);
}

void Stream::wait(const char* doing) const {
    driver_.check(driver_.call().cuStreamSynchronize(handle_), doing);
}

void Stream::wait_for(const Event& event) const {
    driver_.check(driver_.call().cuStreamWaitEvent(handle_, event.handle(), 0), "waiting for another stream");
}

Event::Event(const Driver& driver, Kind kind) : driver_(&driver) {
    constexpr unsigned without_times = 2;
    driver.check(driver.call().cuEventCreate(&handle_, kind == Kind::order ? without_times : 0), "creating an event");
}

Event::~Event() {
    if (handle_ != nullptr) {
        driver_->call().cuEventDestroy_v2(handle_);
    }
}

void Event::record(const Stream& stream) const {
    driver_->check(driver_->call().cuEventRecord(handle_, stream.handle()), "recording an event");
}

void Event::wait(const char* doing) const {
    driver_->check(driver_->call().cuEventSynchronize(handle_), doing);
}

double Event::milliseconds_since(const Event& earlier) const {
    float milliseconds = 0.0F;
    driver_->check(driver_->call().cuEventElapsedTime(&milliseconds, earlier.handle_, handle_), "taking a time");
    return milliseconds;
}

LoadedModule::LoadedModule(const Driver& driver, const void* image) : driver_(driver) {
    driver_.check(driver_.call().cuModuleLoadData(&handle_, image), "loading the generated code");
}

LoadedModule::~LoadedModule() {
    driver_.call().cuModuleUnload(handle_);
}

Handle LoadedModule::function(const char* name) const {
    Handle function = nullptr;
    const Result result = driver_.call().cuModuleGetFunction(&function, handle_, name);
    if (result != 0) {
        throw InternalError("the loaded code has no kernel '" + std::string(name) + "': " + driver_.error_text(result));
    }
    return function;
}

void Graph::begin(const Stream& stream) const {
    driver_->check(driver_->call().cuStreamBeginCapture_v2(stream.handle(), capture_this_thread),
                   "recording the timesteps");
}

void Graph::finish(const Stream& stream) {
    Handle graph = nullptr;
    driver_->check(driver_->call().cuStreamEndCapture(stream.handle(), &graph), "recording the timesteps");
    const Result result = driver_->call().cuGraphInstantiateWithFlags(&executable_, graph, 0);
    driver_->call().cuGraphDestroy(graph);
    driver_->check(result, "preparing the recorded timesteps");
}

Graph::~Graph() {
    if (executable_ != nullptr) {
        driver_->call().cuGraphExecDestroy(executable_);
    }
}

void Graph::launch(const Stream& stream) const {
    driver_->check(driver_->call().cuGraphLaunch(executable_, stream.handle()), "launching the recorded timesteps");
}

}  // namespace mlgenn::cuda
