// Contexts of one key that are made once and lent to one thread at a time. Private to crypto.
#pragma once
#include <mutex>
#include <vector>

#include "crypto/handles.hpp"

namespace tf::crypto {

struct KeptContexts {
  std::mutex mutex;
  std::vector<EvpPkeyCtx> free;

  EvpPkeyCtx take() {
    const std::lock_guard lock(mutex);
    if (free.empty()) return nullptr;
    EvpPkeyCtx out = std::move(free.back());
    free.pop_back();
    return out;
  }
  void give_back(EvpPkeyCtx context) {
    const std::lock_guard lock(mutex);
    free.push_back(std::move(context));
  }
};

}  // namespace tf::crypto
