// Keeps the process's memory out of swap and core dumps (security rule 4), as far as the system lets it.
#pragma once
#include <string>

namespace tf::vault {

struct MemoryReport {
  bool locked = false;      // nothing of the process goes to swap
  bool not_dumped = false;  // no core file, no reading by other processes of the same user
  bool key_heap = false;    // where locking everything is not allowed: OpenSSL's private keys are in a locked heap
  std::string why = "not asked for";  // why something is missing; empty when nothing is
};

// To be called once, before the first key is made. Locks only where that cannot make a later allocation fail. Does
// nothing in builds with a sanitizer, whose shadow memory is neither lockable nor undumpable.
MemoryReport protect_process_memory();
// What the last call achieved.
MemoryReport memory_report();

}  // namespace tf::vault
