// S02–S05: what a phone asks for, the codes, and the SMS.
#include "crypto/jose/jose.hpp"
#include "pki/request/certificate_request.hpp"
#include "protocols/common/identifier.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "wire/json.hpp"

namespace tf::wallet {
namespace {

// 26 characters of base32 (RFC 4648 §6): 130 bits.
SecretBytes new_registration_code(Random& random) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  SecretBytes out(26);
  random.fill(out.reveal_mutable());
  for (auto& byte : out.reveal_mutable()) byte = static_cast<std::uint8_t>(kAlphabet[byte & 31U]);
  return out;
}

// Eight digits, each value equally likely: what is left of a byte beyond 250 is drawn again.
SecretBytes new_confirmation_code(Random& random) {
  SecretBytes out(8);
  for (auto& digit : out.reveal_mutable()) {
    std::uint8_t byte = 255;
    while (byte >= 250) byte = random.array<1>()[0];
    digit = static_cast<std::uint8_t>('0' + byte % 10);
  }
  return out;
}

Status check_policy(const RegisterContent& content, const RegisterSnapshot& snapshot) {
  TF_CHECK(check_suite(snapshot.policy, content.suite));
  if (content.key_maker == KeyMaker::phone ? !snapshot.policy.key_of_phone : !snapshot.policy.key_of_platform)
    return refused("wallet.key_maker", "keys are not made by the " + std::string(name_of(content.key_maker)) + " here");
  if (snapshot.lately >= snapshot.policy.registrations_per_hour)
    return refused("wallet.too_many_registrations", "too many registrations of this number within an hour");
  return {};
}

// What the key's maker brings: a CSR that was verified, or the password's info3, which only the vault keeps.
Status fill_key(const RegisterContent& content, const Policy& policy, const PlatformPorts& ports, Registration& out) {
  if (content.key_maker == KeyMaker::phone) {
    const auto csr = TF_TRY(pki::CertificateRequest::from_der(content.csr));
    if (csr.public_key().kind() != crypto::KeyKind::p256) return refused("wallet.key_kind", "a key made on the phone is P-256");
    out.spki = csr.public_key().spki();
    out.csr = content.csr;
    out.verifier = content.verifier->clone();
    return {};
  }
  out.verifier = TF_TRY(make_verifier(content.password, policy.cost, ports.random));
  const Secret<32> info3 = info3_key(content.subscriber, content.password);
  out.info3 = TF_TRY(ports.vault.wrap(SecretBytes(info3.reveal()), derive_spec(), info3_row(out.id))).wrapped;
  return {};
}

}  // namespace

Result<OpenedRegister> open_register(std::string_view body, const PlatformPorts& ports) {
  const std::string jwe = TF_TRY(decode_jwe(body));
  OpenedRegister out;
  out.content = TF_TRY(decode_register_content(TF_TRY(open_jwe(jwe, typ::registration, ports))));
  TF_CHECK(check_platform(out.content.platform, ports));
  out.once = TF_TRY(open_challenge(out.content.nonce_p, ChallengePurpose::registration, ports));
  return out;
}

Result<Step> registration_of(const OpenedRegister& request, const RegisterSnapshot& snapshot, const PlatformPorts& ports) {
  const RegisterContent& content = request.content;
  TF_CHECK(check_policy(content, snapshot));
  const std::int64_t now = ports.clock.now_ms();
  Registration made;
  made.id = protocols::new_id(ports.random);
  made.suite = content.suite;
  made.key_maker = content.key_maker;
  made.subscriber = content.subscriber;
  made.person = content.person;
  made.created_ms = now;
  made.ends_ms = now + snapshot.policy.registration_minutes * 60'000;
  TF_CHECK(fill_key(content, snapshot.policy, ports, made));
  const Registered registered{content.nonce_p, made.id, new_registration_code(ports.random)};
  const SecretBytes confirmation = new_confirmation_code(ports.random);
  const Secret<32> codes = TF_TRY(codes_key(ports.platform, made.id, registered.code, confirmation, snapshot.policy.cost));
  made.codes = TF_TRY(ports.vault.wrap(SecretBytes(codes.reveal()), derive_spec(), codes_row(made.id))).wrapped;
  Step out;
  out.reply = encode_sealed(crypto::jwe_seal_dir(content.response_key, ports.random, typ::registered, encode(registered).reveal()));
  out.writes.once.push_back(request.once);
  out.writes.sms = Sms{made.subscriber.number, std::string(as_text(confirmation.reveal())) + " confirms registration " + made.id +
                                                   ". Whoever asks you for it is a thief."};
  out.writes.action = "wallet.register";
  out.writes.subject = made.id;
  out.writes.detail = detail_of(made, "codes sent");
  out.writes.made = std::move(made);
  return out;
}

}  // namespace tf::wallet
