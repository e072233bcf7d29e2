#include "module/uicc/uicc_module.hpp"

#include <algorithm>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "module/uicc/uicc_parts.hpp"
#include "wire/fields.hpp"

namespace tf::module::uicc {
namespace {

namespace words = apdu::onboard;

constexpr std::string_view kKind = "uicc";
constexpr std::string_view kLabel = "trustferry/module/uicc";
constexpr std::size_t kMaxSerial = 20;

Secret<32> file_key(const Settings& settings, std::string_view dsim_id) {
  const Secret<32> prk = crypto::hkdf_extract(as_bytes("trustferry/module"), settings.storage_key.reveal());
  return crypto::hkdf_expand<32>(prk, kLabel, as_bytes(dsim_id));
}

Bytes associated(std::string_view dsim_id, std::string_view serial) { return wire::FieldWriter().field(kLabel).field(dsim_id).field(serial).take(); }

// What was begun with the card is in the file before the card is told, so that whoever opens it next knows how to end it.
enum class Phase : std::uint8_t { making = 1, made = 2, removing = 3 };

struct Known {
  std::string serial;
  apdu::scp03::StaticKeys keys;
  Phase phase = Phase::made;
};

Status write_file(const Settings& settings, std::string_view dsim_id, const CardHost& host, Phase phase, Random& random) {
  const auto& keys = host.keys();
  Bytes plain = wire::FieldWriter().field(keys.enc.reveal()).field(keys.mac.reveal()).field(keys.dek.reveal()).number(static_cast<std::uint64_t>(phase)).take();
  Bytes sealed = crypto::seal_blob(file_key(settings, dsim_id), random, associated(dsim_id, host.serial()), plain);
  wipe(plain.data(), plain.size());
  return StateFile::write(StateFile::path_of(settings.directory, dsim_id), kKind, {to_bytes(as_bytes(host.serial())), std::move(sealed)});
}

Result<Known> read_known(const Settings& settings, std::string_view dsim_id) {
  const Error damaged{Code::integrity, "module.state", std::string(dsim_id) + " was altered or is sealed under another key"};
  const StateFile::Outside file = TF_TRY(StateFile::read(settings.directory, dsim_id, kKind));
  Known out;
  out.serial = as_text(file.chip);
  if (out.serial.size() > kMaxSerial) return damaged;
  const auto plain = crypto::open_blob(file_key(settings, dsim_id), associated(dsim_id, out.serial), file.sealed);
  if (!plain) return damaged;
  wire::FieldReader in(plain->reveal());
  for (SecretBytes* key : {&out.keys.enc, &out.keys.mac, &out.keys.dek}) *key = SecretBytes(TF_TRY(in.field(32)));
  if (in.finish()) return out;  // without a phase, as files were written before there was one
  const std::uint64_t phase = TF_TRY(in.number());
  if (phase < 1 || phase > 3 || !in.finish()) return damaged;
  out.phase = static_cast<Phase>(phase);
  return out;
}

// The same name once more changes nothing.
Status make_in(CardHost& host, std::string_view dsim_id) {
  (void)TF_TRY(host.ask_ok(words::Ins::make, 0, apdu::tlv(words::kName, as_bytes(dsim_id))));
  return {};
}

Status erase_in(CardHost& host, const Settings& settings, std::string_view dsim_id) {
  (void)TF_TRY(host.ask_ok(words::Ins::erase_module));  // answered under MAC
  return StateFile::remove(settings.directory, dsim_id);
}

constexpr std::uint8_t number_of(Key key) { return key == Key::sign ? words::kSign : words::kDecrypt; }
constexpr std::size_t index_of(Key key) { return key == Key::sign ? 0 : 1; }
// What a joined command holds beside its protection (card/card.hpp, kMaxChain).
constexpr std::size_t kMaxChainOctets = 16'000;

Result<std::vector<pki::Certificate>> chain_in(ByteView octets) {
  std::vector<pki::Certificate> out;
  for (apdu::TlvReader in(octets); !in.at_end();) out.push_back(TF_TRY(pki::Certificate::from_der(TF_TRY(in.expect(words::kCertificate)))));
  return out;
}

}  // namespace

Result<std::unique_ptr<SecureModule>> create(const Settings& settings, std::string_view dsim_id, Random& random) {
  OpenLock lock = TF_TRY(lock_for_new(settings.directory, dsim_id));
  CardHost host = TF_TRY(CardHost::claim(settings.connect, settings.manufacturer, settings.now_ms, random));
  TF_CHECK(write_file(settings, dsim_id, host, Phase::making, random));  // before MAKE: from then on the card obeys these keys alone
  TF_CHECK(make_in(host, dsim_id));
  TF_CHECK(write_file(settings, dsim_id, host, Phase::made, random));
  return UiccModule::over(std::move(host), std::move(lock), std::string(dsim_id));
}

Result<std::unique_ptr<SecureModule>> open(const Settings& settings, std::string_view dsim_id, Random& random) {
  OpenLock lock = TF_TRY(lock_for_existing(settings.directory, dsim_id));
  Known known = TF_TRY(read_known(settings, dsim_id));
  CardHost host = TF_TRY(CardHost::find(settings.connect, std::move(known.serial), std::move(known.keys), random));
  if (known.phase == Phase::removing) {
    TF_CHECK(erase_in(host, settings, dsim_id));
    return Error{Code::not_found, "module.no_module", "the removal of " + std::string(dsim_id) + " had been interrupted and is finished now"};
  }
  if (known.phase == Phase::making) {
    TF_CHECK(make_in(host, dsim_id));
    TF_CHECK(write_file(settings, dsim_id, host, Phase::made, random));
  }
  return UiccModule::over(std::move(host), std::move(lock), std::string(dsim_id));
}

Status remove(const Settings& settings, std::string_view dsim_id) {
  const OpenLock lock = TF_TRY(lock_for_existing(settings.directory, dsim_id));
  Known known = TF_TRY(read_known(settings, dsim_id));
  SystemRandom random;
  CardHost host = TF_TRY(CardHost::find(settings.connect, std::move(known.serial), std::move(known.keys), random));
  if (known.phase != Phase::removing) TF_CHECK(write_file(settings, dsim_id, host, Phase::removing, random));
  return erase_in(host, settings, dsim_id);
}

Result<std::unique_ptr<SecureModule>> UiccModule::over(CardHost host, OpenLock lock, std::string dsim_id) {
  const auto told = TF_TRY(host.ask(words::Ins::read_module));
  // Erased since: it would make other keys, which nobody certified.
  if (told.status == apdu::StatusWord::conditions_of_use) return Error{Code::integrity, "module.other_card", "the module in card " + host.serial() + " was erased"};
  if (!told.ok()) return card_error("READ MODULE", told.status);
  apdu::TlvReader in(told.data);
  if (as_text(TF_TRY(in.expect(words::kName))) != dsim_id) return Error{Code::integrity, "module.other_card", "the card is another module"};
  auto sign = TF_TRY(crypto::PublicKey::from_spki(TF_TRY(in.expect(words::kSignKey))));
  auto decrypt = TF_TRY(crypto::PublicKey::from_spki(TF_TRY(in.expect(words::kDecryptKey))));
  std::unique_ptr<UiccModule> out(new UiccModule(std::move(host), std::move(lock), std::move(dsim_id), std::move(sign), std::move(decrypt)));
  TF_CHECK(out->read_rest(in));
  return out;
}

Status UiccModule::read_rest(apdu::TlvReader& in) {
  while (!in.at_end()) {
    const apdu::Tlv each = TF_TRY(in.next());
    if (each.tag == words::kRecordName) {
      Bytes value = TF_TRY(host_.ask_ok(words::Ins::read_record, 0, apdu::tlv(words::kRecordName, each.value)));
      records_.insert_or_assign(std::string(as_text(each.value)), SecretBytes(ByteView(value)));
      wipe(value.data(), value.size());
      continue;
    }
    if (each.tag != words::kPreliminary && each.tag != words::kSubscription) continue;
    apdu::TlvReader parts(each.value);
    CredentialInfo info;
    info.imsi = as_text(TF_TRY(parts.expect(words::kImsi)));
    info.iccid = as_text(TF_TRY(parts.expect(words::kIccid)));
    info.note = to_bytes(TF_TRY(parts.expect(words::kNote)));
    slots_[each.tag == words::kPreliminary ? 0 : 1] = std::move(info);
  }
  for (const Key key : {Key::sign, Key::decrypt})
    chains_[index_of(key)] = TF_TRY(chain_in(TF_TRY(host_.ask_ok(words::Ins::read_certificates, number_of(key)))));
  return {};
}

Result<pki::CertificateRequest> UiccModule::request(Key key, std::string_view common_name) {
  if (common_name.empty() || common_name.size() > words::kMaxName) return Error{Code::invalid, "pki.name", "1 to 64 characters"};
  const std::lock_guard guard(mutex_);
  const auto made = TF_TRY(host_.ask(words::Ins::read_request, number_of(key), apdu::tlv(words::kName, as_bytes(common_name))));
  if (made.status == apdu::StatusWord::wrong_data) return Error{Code::invalid, "pki.name", "the card refuses it"};
  if (!made.ok()) return card_error("READ REQUEST", made.status);
  return pki::CertificateRequest::from_der(made.data);
}

Status UiccModule::store_certificates(Key key, const std::vector<pki::Certificate>& chain) {
  const Error wrong{Code::invalid, "module.certificate", "not a certificate for the module's own key, or too many"};
  if (chain.empty() || chain.size() > kMaxChain) return wrong;
  if (TF_TRY(chain[0].public_key()).spki() != public_key(key).spki()) return wrong;
  apdu::TlvWriter all;
  for (const pki::Certificate& each : chain) all.put(words::kCertificate, each.der());
  if (all.bytes().size() > kMaxChainOctets) return Error{Code::invalid, "module.certificate", "more than the card takes"};
  const std::lock_guard guard(mutex_);
  (void)TF_TRY(host_.ask_ok(words::Ins::store_certificates, number_of(key), all.take()));
  chains_[index_of(key)] = chain;
  return {};
}

std::vector<pki::Certificate> UiccModule::certificates(Key key) const {
  const std::lock_guard guard(mutex_);
  return chains_[index_of(key)];
}

Status UiccModule::store_record(std::string_view name, SecretBytes value) {
  if (!valid_dsim_id(name) || value.size() > kMaxRecord) return Error{Code::invalid, "module.record", "its name or size"};
  const std::lock_guard guard(mutex_);
  const auto done = TF_TRY(host_.ask(words::Ins::store_record, 0, apdu::TlvWriter().put(words::kRecordName, as_bytes(name)).put(words::kValue, value.reveal()).take()));
  if (done.status == apdu::StatusWord::not_enough_memory) return Error{Code::invalid, "module.record", "one too many"};
  if (!done.ok()) return card_error("STORE RECORD", done.status);
  if (value.empty()) records_.erase(std::string(name));
  else records_.insert_or_assign(std::string(name), std::move(value));
  return {};
}

SecretBytes UiccModule::record(std::string_view name) const {
  const std::lock_guard guard(mutex_);
  const auto found = records_.find(name);
  return found == records_.end() ? SecretBytes() : found->second.clone();
}

}  // namespace tf::module::uicc
