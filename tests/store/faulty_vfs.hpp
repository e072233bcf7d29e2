// A file system under SQLite that fails when told to.
#pragma once
#include <cstdint>

namespace tf::store::test {

enum class FaultOn { write, sync, main_file };  // main_file: writes and syncs of the database itself, not of its log

// While it lives, every database opened goes through it.
class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // The nth such operation from now fails with SQLite's result code; with lasting, all after it fail too.
  void fail(FaultOn what, std::int64_t nth, int code, bool lasting);
  void heal();
  [[nodiscard]] std::int64_t failures() const;  // since fail()
  [[nodiscard]] std::int64_t seen() const;      // such operations, since fail()
};

}  // namespace tf::store::test
