// SPDX-License-Identifier: Apache-2.0
// Owner of all nodes and types of one compilation. Nothing is freed before the end.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace sonde {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // The object lives as long as the arena; its destructor runs with the arena's.
  template <typename T, typename... Args>
  T* make(Args&&... args) {
    void* memory = allocate(sizeof(T), alignof(T));
    T* object = ::new (memory) T{std::forward<Args>(args)...};
    if constexpr (!std::is_trivially_destructible_v<T>)
      destructors_.push_back({object, [](void* p) { static_cast<T*>(p)->~T(); }});
    return object;
  }

 private:
  struct Destructor {
    void* object;
    void (*run)(void*);
  };
  void* allocate(std::size_t size, std::size_t alignment);

  static constexpr std::size_t chunk_bytes = 16 * 1024;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::vector<Destructor> destructors_;
};

}  // namespace sonde
