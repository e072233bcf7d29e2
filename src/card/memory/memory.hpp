// The card's memory that survives power-off: named records, changed in transactions. Whoever changes several things that belong together
// opens a Batch. After a write that failed nothing is written any more until reload(): what the medium holds is not known.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "card/memory/storage.hpp"

namespace tf::card {

class Memory {
 public:
  explicit Memory(Storage& storage) : storage_(storage) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Before anything else, and at every power-on.
  Status reload();
  [[nodiscard]] bool usable() const { return usable_; }

  // nullptr when there is none. Good until the next change. Inside a batch: what is durable, not what is about to be.
  [[nodiscard]] const SecretBytes* find(std::string_view name) const;
  // Grows at every change of the record and at reload(); 0 when there is none. For whoever keeps something made of a record.
  [[nodiscard]] std::uint64_t version(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names(std::string_view prefix) const;

  // Durable on return, unless a batch is open. Code::unavailable "card.store".
  Status put(std::string name, SecretBytes value);
  Status erase(std::string name);
  Status commit(Changes changes);
  // Durable on return even while a batch is open: retry counters.
  Status commit_now(Changes changes);

  // Collects the changes made while it lives (by PinStore, KeyStore, FileSystem too) into one transaction; without commit() they are
  // dropped. One at a time.
  class Batch {
   public:
    explicit Batch(Memory& memory);
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    ~Batch();
    Status commit();

   private:
    Memory& memory_;
    Changes changes_;
    friend class Memory;
  };

 private:
  struct Kept {
    SecretBytes value;
    std::uint64_t version = 0;
  };
  Storage& storage_;
  std::map<std::string, Kept, std::less<>> kept_;
  std::uint64_t clock_ = 0;
  Batch* batch_ = nullptr;
  bool usable_ = false;
};

}  // namespace tf::card
