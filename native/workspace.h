// Buffers that outlive a call: fresh pages cost more than the work done on them.
#pragma once

#include <cstddef>
#include <memory>

namespace yeoul {

// A buffer of at least `bytes`, aligned to a cache line and not cleared; it goes back to the pool when dropped.
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(size_t bytes);
    Buffer(Buffer&& other) noexcept { *this = std::move(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~Buffer();
    template <typename T>
    T* as() const {
        return static_cast<T*>(data_);
    }

  private:
    void* data_ = nullptr;
    size_t bytes_ = 0;
};

}  // namespace yeoul
