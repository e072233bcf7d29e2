// The card on disk: a file of sealed transactions, one after another, the first a snapshot. A transaction is appended and made durable; one
// that a power-off cut short is dropped at the next opening. When the file has grown it is replaced atomically by a fresh snapshot.
//
//   file        := magic "TFCARD01" ‖ file id (16 octets, random) ‖ transaction…
//   transaction := length (4, of the rest) ‖ nonce (12) ‖ AES-256-GCM of the changes ‖ tag (16); associated data: file id ‖ number (8)
//
// The key is the state key of the card. Whoever can put back an older copy of the file can turn back a counter; a chip can not be treated so, and a
// file can only be guarded from outside.
#pragma once
#include <memory>
#include <string>

#include "base/ports.hpp"
#include "card/memory/storage.hpp"

namespace tf::card {

class FileStorage final : public Storage {
 public:
  // Code::conflict "card.exists".
  static Result<std::unique_ptr<FileStorage>> create(const std::string& path, Secret<32> key, Random& random);
  // Code::not_found "card.no_card"; Code::conflict "card.in_use" when another process has it; Code::integrity "card.state".
  static Result<std::unique_ptr<FileStorage>> open(const std::string& path, Secret<32> key, Random& random);
  ~FileStorage() override;

  Result<Records> load() override;
  Status commit(const Changes& changes) override;

 private:
  FileStorage(std::string path, Secret<32> key, Random& random) : path_(std::move(path)), key_(std::move(key)), random_(random) {}
  Status take_lock();
  Status write_snapshot(const Records& records);
  Status read();
  Status compact();
  Result<std::size_t> read_transactions(ByteView file);
  [[nodiscard]] Bytes associated_data(std::uint64_t number) const;
  [[nodiscard]] Bytes framed(const Changes& changes, std::uint64_t number) const;
  Status append(ByteView octets);

  std::string path_;
  Secret<32> key_;
  Random& random_;
  ByteArray<16> file_id_{};
  Records records_{};
  std::uint64_t next_ = 0;     // number of the next transaction
  std::size_t size_ = 0;       // octets of the file that are good
  std::size_t snapshot_ = 0;   // octets of it when it was written last
  int lock_ = -1;
  int file_ = -1;
};

}  // namespace tf::card
