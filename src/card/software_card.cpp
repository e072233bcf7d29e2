#include "card/software_card.hpp"

#include <filesystem>

#include "card/memory/file_storage.hpp"
#include "crypto/storage_key.hpp"

namespace tf::card {
namespace {

std::string state_of(const std::string& directory) { return directory + "/card.state"; }

}  // namespace

SoftwareCard::SoftwareCard(std::unique_ptr<Storage> owned, Storage& storage, Random& random)
    : owned_(std::move(owned)), memory_(storage), services_(memory_, random), card_(memory_, applications_of(services_)), modem_(card_.further_interface()) {}

Result<std::unique_ptr<SoftwareCard>> SoftwareCard::made(std::unique_ptr<Storage> owned, Storage& storage, Random& random, bool blank) {
  std::unique_ptr<SoftwareCard> out(new SoftwareCard(std::move(owned), storage, random));
  TF_CHECK(out->memory_.reload());
  if (!blank && out->memory_.find(kSerialRecord) == nullptr) return Error{Code::not_found, "card.no_card", "the card is blank"};
  return out;
}

Result<std::unique_ptr<SoftwareCard>> SoftwareCard::create(const std::string& directory, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms, Random& random) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{Code::unavailable, "card.store", directory + ": " + error.message()};
  Secret<32> key = TF_TRY(crypto::storage_key_from_file(directory, random));
  auto storage = TF_TRY(FileStorage::create(state_of(directory), std::move(key), random));
  Storage& lent = *storage;
  auto out = TF_TRY(made(std::move(storage), lent, random, true));
  if (auto done = personalise(out->services_, plan, manufacturer, now_ms); !done) {
    std::filesystem::remove(state_of(directory), error);
    return done.error();
  }
  return out;
}

Result<std::unique_ptr<SoftwareCard>> SoftwareCard::open(const std::string& directory, Random& random) {
  std::error_code ignored;
  if (!std::filesystem::exists(state_of(directory), ignored)) return Error{Code::not_found, "card.no_card", "no card in " + directory};
  Secret<32> key = TF_TRY(crypto::storage_key_from_file(directory, random));
  auto storage = TF_TRY(FileStorage::open(state_of(directory), std::move(key), random));
  Storage& lent = *storage;
  return made(std::move(storage), lent, random, false);
}

Result<std::unique_ptr<SoftwareCard>> SoftwareCard::over(Storage& storage, Random& random) { return made(nullptr, storage, random, false); }

Result<std::unique_ptr<SoftwareCard>> SoftwareCard::create_over(Storage& storage, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms, Random& random) {
  auto out = TF_TRY(made(nullptr, storage, random, true));
  TF_CHECK(personalise(out->services_, plan, manufacturer, now_ms));
  return out;
}

std::string SoftwareCard::serial() const {
  const SecretBytes* serial = memory_.find(kSerialRecord);
  return serial == nullptr ? std::string() : std::string(as_text(serial->reveal()));
}

}  // namespace tf::card
