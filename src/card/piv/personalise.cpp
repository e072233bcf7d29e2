#include "card/piv/personalise.hpp"

#include <algorithm>

#include "apdu/tlv.hpp"
#include "card/piv/names.hpp"
#include "pki/certificate.hpp"

namespace tf::card::piv {
namespace {

using apdu::TlvWriter;

// Card holder unique identifier (SP 800-73-4 part 1, table 9): no agency's number, a random GUID, no end, not signed.
Bytes chuid(Random& random) {
  constexpr ByteArray<25> kNonFederal{0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68,
                                      0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB};
  ByteArray<16> guid = random.array<16>();
  guid[6] = static_cast<std::uint8_t>((guid[6] & 0x0F) | 0x40);  // RFC 4122 §4.4
  guid[8] = static_cast<std::uint8_t>((guid[8] & 0x3F) | 0x80);
  return TlvWriter().put(0x30, kNonFederal).put(0x34, guid).put(0x35, as_bytes("20991231")).put(0x3E, ByteView()).put(0xFE, ByteView()).take();
}

// Card capability container (table 8): an identifier, and that everything else is as the standard has it.
Bytes capabilities(Random& random) {
  Bytes identifier{0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02};  // GSC-RID, manufacturer unknown, a file system card
  append(identifier, random.array<14>());
  constexpr std::uint8_t kVersion[] = {0x21}, kPkcs15[] = {0x00}, kDataModel[] = {0x10};
  TlvWriter out;
  out.put(0xF0, identifier).put(0xF1, kVersion).put(0xF2, kVersion).put(0xF3, ByteView()).put(0xF4, kPkcs15).put(0xF5, kDataModel);
  for (const std::uint32_t tag : {0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE}) out.put(tag, ByteView());
  return out.take();
}

Status put_object(Services& services, std::uint32_t tag, ByteView value) {
  const ObjectRule rule = rule_of(tag).value_or(ObjectRule{.read = Access::never, .write = Access::never});
  return services.files.create(FileId{kFiles, tag}, rule.read, rule.write, value);
}

Status put_preset(Services& services, const PresetPlan& preset) {
  const Error bad{Code::invalid, "card.plan", "a preset certificate does not fit its key, or its key the slot"};
  const auto algorithm = card::algorithm_of(preset.key);
  const pki::Certificate certificate = TF_TRY(pki::Certificate::from_der(preset.certificate));
  if (!is_key_reference(preset.reference) || !algorithm || TF_TRY(certificate.public_key()).spki() != preset.key.public_key().spki()) return bad;
  if (!services.keys.import(KeyId{std::string(kContainer), preset.reference}, facts_of_reference(preset.reference, *algorithm), preset.key)) return bad;
  return put_object(services, certificate_tag(preset.reference), certificate_object(preset.certificate));
}

}  // namespace

Status personalise(Services& services, const Plan& plan) {
  if (key_size_of(plan.administrator_cipher) == 0 || key_size_of(plan.administrator_cipher) != plan.administrator_key.size())
    return Error{Code::invalid, "card.plan", "the administrator's key does not fit its cipher"};
  SecretBytes administrator(2 + plan.administrator_key.size());
  administrator.reveal_mutable()[0] = plan.administrator_cipher;
  administrator.reveal_mutable()[1] = plan.administrator_known ? 1 : 0;
  std::ranges::copy(plan.administrator_key.reveal(), administrator.reveal_mutable().begin() + 2);
  TF_CHECK(services.memory.put(std::string(kAdministratorRecord), std::move(administrator)));
  TF_CHECK(put_object(services, kChuid, chuid(services.random)));
  TF_CHECK(put_object(services, kCapabilities, capabilities(services.random)));
  for (const PresetPlan& preset : plan.presets) TF_CHECK(put_preset(services, preset));
  return {};
}

}  // namespace tf::card::piv
