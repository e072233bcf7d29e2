#include "apps/trustferry/cardsign/card_show.hpp"

#include <fmt/format.h>

#include "apdu/tlv.hpp"
#include "apps/trustferry/line/report.hpp"
#include "card/onboard/credentials.hpp"
#include "card/piv/names.hpp"
#include "pki/certificate.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

std::string_view name_of(card::Algorithm algorithm) {
  switch (algorithm) {
    case card::Algorithm::rsa2048: return "RSA-2048";
    case card::Algorithm::rsa3072: return "RSA-3072";
    case card::Algorithm::p256: return "P-256";
    case card::Algorithm::p384: break;
  }
  return "P-384";
}

// Who a PIV certificate is about; "" without one.
std::string certified(const card::Services& services, std::uint8_t reference) {
  if (!card::piv::is_key_reference(reference)) return "";
  const auto object = services.files.read_unchecked({card::piv::kFiles, card::piv::certificate_tag(reference)});
  if (!object) return "";
  const auto der = apdu::find(*object, 0x70);
  if (!der || !*der) return "";
  const auto certificate = pki::Certificate::from_der(**der);
  return certificate ? certificate->subject_text() : "not readable";
}

}  // namespace

Status show_card(card::SoftwareCard& shown, const Context& context) {
  card::Services& services = shown.services();
  wire::JsonWriter writer;
  TextTable keys({"CONTAINER", "KEY", "ALGORITHM", "ORIGIN", "CERTIFICATE"});
  TextTable users({"CONTAINER", "PIN TRIES", "PUK TRIES"});
  writer.begin_object().member("serial", shown.serial()).key("containers").begin_array();
  for (const std::uint8_t number : card::containers(services.memory)) {
    const unsigned pin = services.pins.tries_left(card::pin_name(number)).value_or(0), puk = services.pins.tries_left(card::puk_name(number)).value_or(0);
    users.add({std::to_string(number), std::to_string(pin), std::to_string(puk)});
    writer.begin_object().member("container", number).member("pin_tries", pin).member("puk_tries", puk).end_object();
  }
  writer.end_array().key("keys").begin_array();
  for (const std::string& container : services.keys.containers("")) {
    for (const std::uint8_t reference : services.keys.references(container)) {
      const auto facts = services.keys.facts({container, reference});
      if (!facts) continue;
      const std::string key = fmt::format("{:02X}", reference), subject = container == card::piv::kContainer ? certified(services, reference) : "";
      const std::string_view origin = facts->origin == card::Origin::generated ? "generated" : "imported";
      keys.add({container, key, std::string(name_of(facts->algorithm)), std::string(origin), subject});
      writer.begin_object().member("container", container).member("key", key).member("algorithm", name_of(facts->algorithm)).member("origin", origin);
      writer.member("certificate", subject).end_object();
    }
  }
  const auto usim = card::onboard::usim_of(services.memory);
  const SecretBytes* module_name = services.memory.find(card::onboard::kNameRecord);
  const std::string module = module_name == nullptr ? std::string() : std::string(as_text(module_name->reveal()));
  writer.end_array().member("imsi", usim ? usim->own.imsi : std::string()).member("module", module).end_object();
  if (context.json) {
    print_line(writer.text());
    return {};
  }
  Facts().add("serial", shown.serial()).add("subscription", usim ? usim->own.imsi : "none").add("module", module.empty() ? "none" : module).print();
  users.print();
  keys.print();
  return {};
}

}  // namespace tf::cli
