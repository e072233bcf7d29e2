// The card's files: contents by application and identifier (a PIV data object's tag, the identifier of an EF), with access conditions.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "card/answer.hpp"
#include "card/memory/memory.hpp"

namespace tf::card {

enum class Access : std::uint8_t { always = 0, pin = 1, administrator = 2, secure_channel = 3, never = 4 };

// What the session has proved.
struct Met {
  bool pin = false;
  bool administrator = false;
  bool secure_channel = false;
};
bool allows(Access condition, const Met& met);

struct FileId {
  std::string_view application;  // "piv", "usim", "shield"
  std::uint32_t tag = 0;
};
inline constexpr std::size_t kMaxFile = 8192;  // octets

class FileSystem {
 public:
  explicit FileSystem(Memory& memory) : memory_(memory) {}

  // Makes it, or replaces content and conditions: personalisation's way. Code::invalid "card.file" above kMaxFile.
  Status create(const FileId& id, Access read, Access write, ByteView content);
  Status remove(const FileId& id);
  [[nodiscard]] bool exists(const FileId& id) const;
  [[nodiscard]] std::vector<std::uint32_t> list(std::string_view application) const;
  // The whole content; good until the next change. 6A82 when there is none, 6982 when the condition is not met. An empty file is there.
  [[nodiscard]] Answer<ByteView> read(const FileId& id, const Met& met) const;
  [[nodiscard]] Answer<ByteView> read_unchecked(const FileId& id) const;  // for the application itself
  // The whole content anew: 6A82, 6982, 6A84 above kMaxFile, 6581.
  Done write(const FileId& id, const Met& met, ByteView content);
  Done write_unchecked(const FileId& id, ByteView content);  // keeps the conditions

 private:
  Memory& memory_;
};

}  // namespace tf::card
