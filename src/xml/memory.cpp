// Memory of libxml2, and of libxmlsec1, which takes it from there: whatever is given back was wiped. Envelopes are opened and credentials
// written in it: besides the tree, which can be wiped, copies stand in the parser's input, in buffers that grew, in what was encrypted.
#include <libxml/xmlmemory.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/log.hpp"
#include "base/secret.hpp"
#include "xml/private.hpp"

namespace tf::xml {
namespace {

void release(void* block) {
  wipe_block(block);
  std::free(block);
}

// realloc() would give the old place back as it is.
void* resize(void* block, std::size_t size) {
  if (block == nullptr) return std::malloc(size);
  const std::size_t had = ::malloc_usable_size(block);
  if (size != 0 && size <= had) return block;
  void* out = std::malloc(size);
  if (out == nullptr) return nullptr;
  std::memcpy(out, block, std::min(had, size));
  release(block);
  return out;
}

}  // namespace

void wipe_block(void* block) {
  if (block != nullptr) wipe(block, ::malloc_usable_size(block));
}

void wipe_what_is_released() {
  if (::xmlMemSetup(release, std::malloc, resize, ::strdup) == 0) return;
  log::error("libxml2 does not take its memory from us");
  std::abort();
}

}  // namespace tf::xml
