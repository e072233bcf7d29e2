#include "card/memory/file_storage.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.hpp"
#include "card/memory/changes.hpp"
#include "crypto/aead.hpp"

namespace tf::card {
namespace {

constexpr std::string_view kMagic = "TFCARD01";
constexpr std::size_t kHeader = 8 + 16;
constexpr std::size_t kMaxStateFile = 64 * 1024 * 1024;
constexpr std::size_t kCompactAt = 256 * 1024;  // octets; and four times what a snapshot took

Error damaged(const std::string& path) { return Error{Code::integrity, "card.state", path + " was altered or is sealed under another key"}; }
Error disk(const std::string& path) { return Error{Code::unavailable, "card.store", path + ": " + std::strerror(errno)}; }

void put_number(Bytes& out, std::uint64_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::size_t length_at(ByteView octets) {
  return std::size_t{octets[0]} << 24 | std::size_t{octets[1]} << 16 | std::size_t{octets[2]} << 8 | octets[3];
}

}  // namespace

Result<std::unique_ptr<FileStorage>> FileStorage::create(const std::string& path, Secret<32> key, Random& random) {
  std::unique_ptr<FileStorage> out(new FileStorage(path, std::move(key), random));
  TF_CHECK(out->take_lock());
  if (::access(path.c_str(), F_OK) == 0) return Error{Code::conflict, "card.exists", path + " is there already"};
  TF_CHECK(out->write_snapshot({}));
  TF_CHECK(out->read());
  return out;
}

Result<std::unique_ptr<FileStorage>> FileStorage::open(const std::string& path, Secret<32> key, Random& random) {
  std::unique_ptr<FileStorage> out(new FileStorage(path, std::move(key), random));
  if (::access(path.c_str(), F_OK) != 0) return Error{Code::not_found, "card.no_card", "no card in " + path};
  TF_CHECK(out->take_lock());
  TF_CHECK(out->read());
  return out;
}

FileStorage::~FileStorage() {
  if (file_ >= 0) ::close(file_);
  if (lock_ >= 0) ::close(lock_);
}

Status FileStorage::take_lock() {
  const std::string path = path_ + ".lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0) return disk(path);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) return Error{Code::conflict, "card.in_use", path_ + " is open in another process"};
  return {};
}

Result<Records> FileStorage::load() {
  TF_CHECK(read());
  Records out;
  for (const auto& [name, value] : records_) out.emplace(name, value.clone());
  return out;
}

Bytes FileStorage::associated_data(std::uint64_t number) const {
  Bytes out = to_bytes(file_id_);
  put_number(out, number, 8);
  return out;
}

Bytes FileStorage::framed(const Changes& changes, std::uint64_t number) const {
  const SecretBytes plain = encode_changes(changes);
  const Bytes sealed = crypto::seal_blob(key_, random_, associated_data(number), plain.reveal());
  Bytes out;
  put_number(out, sealed.size(), 4);
  tf::append(out, sealed);
  return out;
}

Status FileStorage::write_snapshot(const Records& records) {
  random_.fill(file_id_);
  Changes all;
  for (const auto& [name, value] : records) all.emplace(name, value.clone());
  Bytes out = to_bytes(as_bytes(kMagic));
  tf::append(out, file_id_);
  tf::append(out, framed(all, 0));
  TF_CHECK(write_private_file(path_, out));
  snapshot_ = out.size();
  return {};
}

// Reads the transactions behind the header. The number of octets that are good: a last one that is not whole was cut short by a power-off.
Result<std::size_t> FileStorage::read_transactions(ByteView file) {
  std::size_t at = kHeader;
  while (file.size() - at >= 4) {
    const std::size_t length = length_at(file.subspan(at));
    if (length > file.size() - at - 4) break;
    auto plain = crypto::open_blob(key_, associated_data(next_), file.subspan(at + 4, length));
    const bool last = at + 4 + length == file.size();
    if (!plain && last && next_ > 0) break;  // its octets did not all reach the disk
    if (!plain || !apply_changes(plain->reveal(), records_)) return damaged(path_);
    at += 4 + length;
    ++next_;
  }
  if (next_ == 0) return damaged(path_);  // a snapshot is written whole or not at all
  return at;
}

Status FileStorage::read() {
  if (file_ >= 0) ::close(file_);
  file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file_ < 0) return disk(path_);
  const Bytes file = TF_TRY(read_file(path_, kMaxStateFile));
  records_.clear();
  next_ = 0;
  if (file.size() < kHeader || as_text(ByteView(file).first(kMagic.size())) != kMagic) return damaged(path_);
  std::copy_n(file.begin() + kMagic.size(), file_id_.size(), file_id_.begin());
  size_ = TF_TRY(read_transactions(file));
  if (snapshot_ == 0) snapshot_ = kHeader + 4 + length_at(ByteView(file).subspan(kHeader));
  if (size_ < file.size() && (::ftruncate(file_, static_cast<off_t>(size_)) != 0 || ::fdatasync(file_) != 0)) return disk(path_);
  return {};
}

Status FileStorage::append(ByteView octets) {
  std::size_t done = 0;
  while (done < octets.size()) {
    const ssize_t n = ::pwrite(file_, octets.data() + done, octets.size() - done, static_cast<off_t>(size_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return disk(path_);
    done += static_cast<std::size_t>(n);
  }
  if (::fdatasync(file_) != 0) return disk(path_);
  size_ += octets.size();
  return {};
}

Status FileStorage::commit(const Changes& changes) {
  if (file_ < 0) return Error{Code::unavailable, "card.store", path_ + " is not open"};
  TF_CHECK(append(framed(changes, next_)));
  ++next_;
  for (const auto& [name, value] : changes) {
    if (value) records_.insert_or_assign(name, value->clone());
    else records_.erase(name);
  }
  if (size_ > kCompactAt && size_ > 4 * snapshot_) return compact();
  return {};
}

// The transaction is durable already; when this fails the card is powered on again and finds the old file or the new one.
Status FileStorage::compact() {
  auto written = write_snapshot(records_);
  if (written) written = read();
  if (!written) {
    ::close(file_);
    file_ = -1;
  }
  return written;
}

}  // namespace tf::card
