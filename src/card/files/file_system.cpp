#include "card/files/file_system.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tf::card {
namespace {

// Record "file/APPLICATION/TAG": read condition ‖ write condition ‖ content.
constexpr std::size_t kFileHead = 2;

std::string folder_of(std::string_view application) { return fmt::format("file/{}/", application); }
std::string record_of(const FileId& id) { return fmt::format("file/{}/{:08x}", id.application, id.tag); }

SecretBytes encode(std::uint8_t read, std::uint8_t write, ByteView content) {
  SecretBytes out(kFileHead + content.size());
  const MutableByteView bytes = out.reveal_mutable();
  bytes[0] = read;
  bytes[1] = write;
  std::copy(content.begin(), content.end(), bytes.begin() + kFileHead);
  return out;
}

}  // namespace

bool allows(Access condition, const Met& met) {
  switch (condition) {
    case Access::always: return true;
    case Access::pin: return met.pin;
    case Access::administrator: return met.administrator;
    case Access::secure_channel: return met.secure_channel;
    case Access::never: break;
  }
  return false;
}

Status FileSystem::create(const FileId& id, Access read, Access write, ByteView content) {
  if (content.size() > kMaxFile) return Error{Code::invalid, "card.file", "too large"};
  return memory_.put(record_of(id), encode(static_cast<std::uint8_t>(read), static_cast<std::uint8_t>(write), content));
}

Status FileSystem::remove(const FileId& id) { return memory_.erase(record_of(id)); }

bool FileSystem::exists(const FileId& id) const { return memory_.find(record_of(id)) != nullptr; }

std::vector<std::uint32_t> FileSystem::list(std::string_view application) const {
  const std::string folder = folder_of(application);
  std::vector<std::uint32_t> out;
  for (const std::string& name : memory_.names(folder)) {
    std::uint32_t tag = 0;
    const char* const end = name.data() + name.size();
    if (std::from_chars(name.data() + folder.size(), end, tag, 16).ptr == end) out.push_back(tag);
  }
  return out;
}

Answer<ByteView> FileSystem::read_unchecked(const FileId& id) const {
  const SecretBytes* record = memory_.find(record_of(id));
  if (record == nullptr || record->size() < kFileHead) return StatusWord::file_not_found;
  return record->reveal().subspan(kFileHead);
}

Answer<ByteView> FileSystem::read(const FileId& id, const Met& met) const {
  const ByteView content = TF_TRY(read_unchecked(id));
  if (!allows(static_cast<Access>(memory_.find(record_of(id))->reveal()[0]), met)) return StatusWord::security_status;
  return content;
}

Done FileSystem::write(const FileId& id, const Met& met, ByteView content) {
  TF_CHECK(read_unchecked(id));
  if (!allows(static_cast<Access>(memory_.find(record_of(id))->reveal()[1]), met)) return StatusWord::security_status;
  return write_unchecked(id, content);
}

Done FileSystem::write_unchecked(const FileId& id, ByteView content) {
  TF_CHECK(read_unchecked(id));
  if (content.size() > kMaxFile) return StatusWord::not_enough_memory;
  const ByteView record = memory_.find(record_of(id))->reveal();
  TF_CHECK(memory_.put(record_of(id), encode(record[0], record[1], content)));
  return {};
}

}  // namespace tf::card
