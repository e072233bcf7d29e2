#include "card/personalise.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apdu/shield.hpp"
#include "card/piv/personalise.hpp"
#include "card/piv/pins.hpp"
#include "pki/device/attestation.hpp"
#include "wire/fields.hpp"

namespace tf::card {
namespace {

constexpr std::string_view kScp03Record = "card/scp03";
constexpr std::string_view kOtaRecord = "card/ota";
constexpr std::string_view kSubscriptionRecord = "card/subscription";
constexpr std::string_view kContainersRecord = "card/containers";
constexpr ByteArray<24> kKnownAdministrator{1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};

Error bad(std::string what) { return Error{Code::invalid, "card.plan", std::move(what)}; }
Error none(std::string_view what) { return Error{Code::not_found, "card.no_keys", std::string(what)}; }

SecretBytes taken(wire::FieldWriter& out) {
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

Status put_keys(Memory& memory, const Plan& plan) {
  wire::FieldWriter scp03, ota;
  scp03.field(plan.scp03.enc.reveal()).field(plan.scp03.mac.reveal()).field(plan.scp03.dek.reveal());
  ota.field(plan.ota.kic.reveal()).field(plan.ota.kid.reveal()).number(plan.ota.index);
  TF_CHECK(memory.put(std::string(kScp03Record), taken(scp03)));
  TF_CHECK(memory.put(std::string(kOtaRecord), taken(ota)));
  const std::uint8_t policy = plan.sign_hash ? 1 : 0;
  TF_CHECK(memory.put(std::string(kPolicyRecord), SecretBytes(ByteView(&policy, 1))));
  if (!plan.usim) return {};
  wire::FieldWriter usim;
  usim.field(plan.usim->imsi).field(plan.usim->iccid).field(plan.usim->key.k()).field(plan.usim->key.opc());
  return memory.put(std::string(kSubscriptionRecord), taken(usim));
}

bool digits(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Status check(const Plan& plan) {
  if (!apdu::shield::valid_serial(plan.serial)) return bad("a serial is 1 to 20 of A-Z 0-9 -");
  if (!piv::valid_pin(plan.pin.reveal())) return bad("a PIN is 6 to 8 digits");
  if (!piv::valid_puk(plan.puk.reveal())) return bad("a PUK is 6 to 8 characters");
  if (!plan.scp03.valid() || !plan.ota.valid()) return bad("SCP03 and OTA keys are AES keys");
  if (plan.usim && (!digits(plan.usim->imsi, 6, 15) || !digits(plan.usim->iccid, 18, 20))) return bad("an IMSI is 6 to 15 digits, an ICCID 18 to 20");
  return {};
}

// The factory key, the channel key, and what the manufacturer says of them.
Status put_factory(Services& services, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms) {
  const pki::Term term{now_ms, pki::kFactoryDays};
  const crypto::PrivateKey factory = generate_key(Algorithm::p256);
  const crypto::PrivateKey channel = generate_key(Algorithm::p256);
  const auto put = [&](std::uint8_t reference, Use use, const crypto::PrivateKey& key) {
    return services.keys.import(KeyId{std::string(kCardKeys), reference}, KeyFacts{.algorithm = Algorithm::p256, .use = use, .pin = PinPolicy::never}, key);
  };
  if (!put(kFactoryKey, Use::attest, factory) || !put(kChannelKey, Use::decipher, channel)) return Error{Code::internal, "card.plan", "the card's own keys"};
  const pki::Certificate above = TF_TRY(pki::issue_factory_certificate(manufacturer, plan.serial, factory.public_key(), term, services.random));
  const pki::Certificate below = TF_TRY(pki::issue_channel_certificate({above, factory}, plan.serial, channel.public_key(), services.random));
  TF_CHECK(services.files.create(kFactoryCertificate, Access::always, Access::never, above.der()));
  TF_CHECK(services.files.create(kChannelCertificate, Access::always, Access::never, below.der()));
  return services.files.create(kManufacturerCertificate, Access::always, Access::never, manufacturer.certificate.der());
}

Result<const SecretBytes*> found(const Memory& memory, std::string_view name) {
  const SecretBytes* record = memory.find(name);
  if (record == nullptr) return none(name);
  return record;
}

}  // namespace

std::string pin_name(std::uint8_t container) { return container == 0 ? std::string(kPin) : fmt::format("pin.{}", container); }
std::string puk_name(std::uint8_t container) { return container == 0 ? std::string(kPuk) : fmt::format("puk.{}", container); }
std::string key_container(std::uint8_t container) { return container == 0 ? "piv" : fmt::format("user/{}", container); }

std::vector<std::uint8_t> containers(const Memory& memory) {
  const SecretBytes* record = memory.find(kContainersRecord);
  return record == nullptr ? std::vector<std::uint8_t>() : to_bytes(record->reveal());
}

Status set_containers(Memory& memory, std::vector<std::uint8_t> numbers) {
  std::ranges::sort(numbers);
  return memory.put(std::string(kContainersRecord), SecretBytes(ByteView(numbers)));
}

Status add_container(Services& services, std::uint8_t number, const SecretBytes& pin, const SecretBytes& puk, unsigned tries) {
  if (number > kMaxContainer || !piv::valid_pin(pin.reveal()) || !piv::valid_puk(puk.reveal())) return bad("a container is 0 to 15, its PIN 6 to 8 digits, its PUK 6 to 8 characters");
  std::vector<std::uint8_t> numbers = containers(services.memory);
  if (std::ranges::count(numbers, number) != 0) return Error{Code::conflict, "card.container", "it is there already"};
  numbers.push_back(number);
  TF_CHECK(services.pins.create(pin_name(number), pin.reveal(), tries));
  TF_CHECK(services.pins.create(puk_name(number), puk.reveal(), tries));
  return set_containers(services.memory, std::move(numbers));
}

Result<apdu::scp03::StaticKeys> scp03_keys(const Memory& memory) {
  wire::FieldReader in(TF_TRY(found(memory, kScp03Record))->reveal());
  apdu::scp03::StaticKeys out;
  for (SecretBytes* key : {&out.enc, &out.mac, &out.dek}) *key = SecretBytes(TF_TRY(in.field(32)));
  return out;
}

Result<apdu::ota::Keys> ota_keys(const Memory& memory) {
  wire::FieldReader in(TF_TRY(found(memory, kOtaRecord))->reveal());
  apdu::ota::Keys out;
  for (SecretBytes* key : {&out.kic, &out.kid}) *key = SecretBytes(TF_TRY(in.field(32)));
  out.index = static_cast<std::uint8_t>(TF_TRY(in.number()));
  return out;
}

Result<crypto::AkaKey> read_key(wire::FieldReader& in) {
  const ByteView k = TF_TRY(in.field(16));
  auto key = crypto::AkaKey::of(k, TF_TRY(in.field(32)));
  if (!key) return Error{Code::integrity, "card.state", "a subscription's key"};
  return key;
}

Result<Subscription> subscription(const Memory& memory) {
  wire::FieldReader in(TF_TRY(found(memory, kSubscriptionRecord))->reveal());
  Subscription out;
  out.imsi = as_text(TF_TRY(in.field(15)));
  out.iccid = as_text(TF_TRY(in.field(20)));
  out.key = TF_TRY(read_key(in));
  return out;
}

void fill_in(Plan& plan, Random& random) {
  constexpr std::size_t kSize = 16;
  for (SecretBytes* key : {&plan.scp03.enc, &plan.scp03.mac, &plan.scp03.dek, &plan.ota.kic, &plan.ota.kid}) {
    if (!key->empty()) continue;
    *key = SecretBytes(kSize);
    random.fill(key->reveal_mutable());
  }
}

SecretBytes padded_pin(std::string_view text) {
  SecretBytes out(std::max(text.size(), piv::kPinSize));
  std::ranges::fill(out.reveal_mutable(), piv::kPadding);
  std::ranges::copy(as_bytes(text), out.reveal_mutable().begin());
  return out;
}

Plan default_plan(std::string serial) {
  Plan plan;
  plan.serial = std::move(serial);
  plan.pin = padded_pin("123456");
  plan.puk = padded_pin("12345678");
  plan.administrator_key = SecretBytes(ByteView(kKnownAdministrator));
  plan.administrator_known = true;
  return plan;
}

Status personalise(Services& services, const Plan& plan, const pki::Issuer& manufacturer, std::int64_t now_ms) {
  TF_CHECK(check(plan));
  if (services.memory.find(kSerialRecord) != nullptr) return Error{Code::conflict, "card.personalised", "the card is somebody's already"};
  Memory::Batch all(services.memory);
  TF_CHECK(services.memory.put(std::string(kSerialRecord), SecretBytes(as_bytes(plan.serial))));
  TF_CHECK(put_keys(services.memory, plan));
  TF_CHECK(put_factory(services, plan, manufacturer, now_ms));
  TF_CHECK(services.pins.create(pin_name(0), plan.pin.reveal(), plan.tries));
  TF_CHECK(services.pins.create(puk_name(0), plan.puk.reveal(), plan.tries));
  std::vector<std::uint8_t> numbers{0};
  for (const ContainerPlan& user : plan.users) {
    if (user.number == 0 || user.number > kMaxContainer || std::ranges::count(numbers, user.number) != 0) return bad("users' containers are 1 to 15, each once");
    if (!piv::valid_pin(user.pin.reveal()) || !piv::valid_puk(user.puk.reveal())) return bad("a user's PIN is 6 to 8 digits, a PUK 6 to 8 characters");
    TF_CHECK(services.pins.create(pin_name(user.number), user.pin.reveal(), plan.tries));
    TF_CHECK(services.pins.create(puk_name(user.number), user.puk.reveal(), plan.tries));
    numbers.push_back(user.number);
  }
  TF_CHECK(set_containers(services.memory, std::move(numbers)));
  TF_CHECK(piv::personalise(services, plan));
  return all.commit();
}

}  // namespace tf::card
