// Other users' containers come and go whole.
#include "card/shield/names.hpp"
#include "card/shield/slots.hpp"

namespace tf::card::shield {
namespace {

constexpr unsigned kTries = 3;

}  // namespace

Done Slots::create_container(std::uint8_t container, const SecretBytes& pin, const SecretBytes& puk) {
  if (container == kOwner || container > kMaxContainer) return StatusWord::wrong_p1_p2;
  if (has_container(container)) return StatusWord::exists;
  Memory::Batch batch(services_.memory);
  TF_CHECK(add_container(services_, container, pin, puk, kTries));
  TF_CHECK(batch.commit());
  return {};
}

Done Slots::delete_container(std::uint8_t container) {
  if (container == kOwner || container > kMaxContainer) return StatusWord::wrong_p1_p2;
  if (!has_container(container)) return StatusWord::reference_not_found;
  std::vector<std::uint8_t> rest = containers();
  std::erase(rest, container);
  Memory::Batch batch(services_.memory);
  for (const Slot slot : {Slot::payment, Slot::authentication, Slot::signature, Slot::card, Slot::encryption, Slot::hash}) {
    if (services_.keys.exists(key_of(container, slot))) TF_CHECK(services_.keys.erase(key_of(container, slot)));
    for (const FileId& file : {certificate_file(container, slot), made_file(container, slot)})
      if (services_.files.exists(file)) TF_CHECK(services_.files.remove(file));
  }
  TF_CHECK(forget_payments(container));
  for (const std::string& name : {pin_name(container), puk_name(container)}) TF_CHECK(services_.memory.erase("pin/" + name));
  TF_CHECK(set_containers(services_.memory, std::move(rest)));
  TF_CHECK(batch.commit());
  ++services_.deletions[container];
  return {};
}

// The card's record of them is read by the PIN of the container: not by that of whoever gets its number next.
Done Slots::forget_payments(std::uint8_t container) {
  for (std::uint64_t number = 0; number < kRecords; ++number) {
    const auto record = services_.files.read_unchecked(payment_file(number));
    if (record && TF_TRY(apdu::shield::read_payment_record(*record)).container == container) TF_CHECK(services_.files.remove(payment_file(number)));
  }
  return {};
}

}  // namespace tf::card::shield
