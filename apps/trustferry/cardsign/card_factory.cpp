#include "apps/trustferry/cardsign/card_factory.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "apps/trustferry/line/secret_argument.hpp"
#include "base/file.hpp"
#include "card/piv/names.hpp"
#include "crypto/jose/jose.hpp"
#include "crypto/public_key_file.hpp"
#include "pki/issue.hpp"
#include "pki/key_file.hpp"
#include "protocols/cardsign/messages.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMostPem = 64 * 1024;

Result<SecretBytes> pin_argument(const std::string& argument, std::string_view option) {
  std::string text = TF_TRY(text_argument(argument, option));
  SecretBytes out = card::padded_pin(text);
  wipe(text.data(), text.size());
  return out;
}

// Parts of one size, one after another.
Status split(const std::string& argument, std::string_view option, std::initializer_list<SecretBytes*> parts) {
  if (argument.empty()) return {};
  const SecretBytes all = TF_TRY(secret_argument(argument, option));
  const std::size_t size = all.size() / parts.size();
  if (all.size() % parts.size() != 0 || (size != 16 && size != 32)) return Error{Code::invalid, "cli.card", fmt::format("{}: keys of 16 or 32 bytes each", option)};
  std::size_t at = 0;
  for (SecretBytes* part : parts) *part = SecretBytes(all.reveal().subspan(std::exchange(at, at + size), size));
  return {};
}

Result<Secret<16>> key16(const std::string& argument, std::string_view option) {
  const SecretBytes all = TF_TRY(secret_argument(argument, option));
  if (all.size() != 16) return Error{Code::invalid, "cli.card", fmt::format("{}: 16 bytes", option)};
  return Secret<16>(all.reveal().first<16>());
}

// "A=B:C" in its parts.
struct Assignment {
  std::string name, first, second;
};
Result<Assignment> assignment(const std::string& text, std::string_view option) {
  const std::size_t sign = text.find('='), colon = text.rfind(':');
  if (sign == std::string::npos || colon == std::string::npos || colon < sign) return Error{Code::invalid, "cli.card", fmt::format("{} is NAME=FIRST:SECOND", option)};
  return Assignment{text.substr(0, sign), text.substr(sign + 1, colon - sign - 1), text.substr(colon + 1)};
}

Status add_users(card::Plan& plan, const CardOrder& order) {
  for (const std::string& text : order.users) {
    const Assignment user = TF_TRY(assignment(text, "--user"));
    if (user.name.empty() || user.name.size() > 2 || user.name.find_first_not_of("0123456789") != std::string::npos)
      return Error{Code::invalid, "cli.card", "--user NUMBER=PIN:PUK, its number 1 to 15"};
    card::ContainerPlan container{.number = static_cast<std::uint8_t>(std::stoi(user.name)), .pin = {}, .puk = {}};
    container.pin = TF_TRY(pin_argument(user.first, "--user"));
    container.puk = TF_TRY(pin_argument(user.second, "--user"));
    plan.users.push_back(std::move(container));
  }
  return {};
}

Status add_presets(card::Plan& plan, const CardOrder& order) {
  static const std::map<std::string, std::uint8_t> slots = {{"9a", 0x9A}, {"9c", 0x9C}, {"9d", 0x9D}, {"9e", 0x9E}};
  for (const std::string& text : order.presets) {
    const Assignment preset = TF_TRY(assignment(text, "--preset"));
    const auto slot = slots.find(preset.name);
    if (slot == slots.end()) return Error{Code::invalid, "cli.card", "--preset: 9a, 9c, 9d or 9e"};
    auto key = TF_TRY(pki::private_key_from_pem(TF_TRY(read_secret_file(preset.first, kMostPem)), nullptr));
    const auto certificate = TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(preset.second, kMostPem)))));
    plan.presets.push_back({slot->second, std::move(key), certificate.der()});
  }
  return {};
}

}  // namespace

Result<card::Plan> plan_of(const CardSecrets& secrets, const CardOrder& order, Random& random) {
  static const std::map<std::string, std::uint8_t> ciphers = {{"3des", card::piv::kTdes}, {"aes128", card::piv::kAes128}, {"aes192", card::piv::kAes192}, {"aes256", card::piv::kAes256}};
  card::Plan plan = card::default_plan(order.serial);
  plan.pin = TF_TRY(pin_argument(secrets.pin, "--pin"));
  plan.puk = TF_TRY(pin_argument(secrets.puk, "--puk"));
  plan.tries = secrets.tries;
  const auto cipher = ciphers.find(secrets.administrator_cipher);
  if (cipher == ciphers.end()) return Error{Code::invalid, "cli.card", "--administrator-cipher: 3des, aes128, aes192 or aes256"};
  plan.administrator_cipher = cipher->second;
  if (!secrets.administrator.empty()) {
    plan.administrator_key = TF_TRY(secret_argument(secrets.administrator, "--administrator"));
    plan.administrator_known = false;
  }
  TF_CHECK(split(order.scp03, "--scp03", {&plan.scp03.enc, &plan.scp03.mac, &plan.scp03.dek}));
  TF_CHECK(split(order.ota, "--ota", {&plan.ota.kic, &plan.ota.kid}));
  if (!order.imsi.empty()) {
    card::Subscription usim{.imsi = order.imsi, .iccid = order.iccid, .key = {}};
    usim.key = {TF_TRY(key16(order.k, "--k")), TF_TRY(key16(order.opc, "--opc"))};
    plan.usim = std::move(usim);
  }
  plan.sign_hash = order.sign_hash;
  TF_CHECK(add_users(plan, order));
  TF_CHECK(add_presets(plan, order));
  card::fill_in(plan, random);
  return plan;
}

Result<pki::Issuer> open_manufacturer(const std::string& directory, std::int64_t now_ms, Random& random) {
  const std::string key_file = directory + "/manufacturer.key", certificate_file = directory + "/manufacturer.crt";
  std::error_code error;
  if (!std::filesystem::exists(key_file, error)) {
    std::filesystem::create_directories(directory, error);
    const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
    const auto root = TF_TRY(pki::make_root("card manufacturer", key, {now_ms, pki::kRootDays}, random));
    TF_CHECK(write_file_atomic(certificate_file, as_bytes(root.to_pem()), 0644));
    TF_CHECK(write_private_file(key_file, pki::to_pem(key).reveal()));
  }
  pki::Issuer out{TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(certificate_file, kMostPem))))),
                  TF_TRY(pki::private_key_from_pem(TF_TRY(read_secret_file(key_file, kMostPem)), nullptr))};
  TF_CHECK(pki::check_pair(out));
  return out;
}

Status write_record(card::SoftwareCard& made, const card::Plan& plan, const CardOrder& order, Random& random) {
  if (order.record_key.empty()) return Error{Code::invalid, "cli.missing", "--record-key: the record holds secrets and is for one platform"};
  const auto file = [&](const card::FileId& id) {
    const auto content = made.services().files.read_unchecked(id);
    return content ? to_bytes(*content) : Bytes();
  };
  cardsign::CardRecord record{.serial = plan.serial,
                              .enc = plan.scp03.enc.clone(),
                              .mac = plan.scp03.mac.clone(),
                              .dek = plan.scp03.dek.clone(),
                              .kic = plan.ota.kic.clone(),
                              .kid = plan.ota.kid.clone(),
                              .factory = {file(card::kFactoryCertificate)},
                              .channel = file(card::kChannelCertificate)};
  for (const card::PresetPlan& preset : plan.presets) record.preset.push_back(preset.certificate);
  const auto recipient = TF_TRY(crypto::public_key_from_pem(as_text(TF_TRY(read_file(order.record_key, kMostPem)))));
  const SecretBytes content = cardsign::encode(record);
  const std::string sealed = TF_TRY(crypto::jwe_seal_to(recipient, random, "trustferry-card-record", content.reveal()));
  return write_file_atomic(order.record, as_bytes(sealed), 0644);
}

}  // namespace tf::cli
