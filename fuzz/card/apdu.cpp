// The card's interpreter. The input is a number of commands, each behind its length (one octet; FF: two more). Whatever comes is answered; nothing but
// the retry counters changes, since nobody here is the administrator, and the PIN is not told; the card answers SELECT afterwards.
#include <cstdlib>
#include <memory>

#include "card/memory/volatile_storage.hpp"
#include "card/piv/names.hpp"
#include "card/software_card.hpp"
#include "pki/issue.hpp"

using namespace tf;

namespace {

struct Scene {
  SystemRandom random;
  card::VolatileStorage storage;
  std::unique_ptr<card::SoftwareCard> made;

  Scene() {
    const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
    const std::int64_t now_ms = 1'793'491'200'000;
    const auto root = pki::make_root("fuzz", key, {now_ms, 30}, random);
    card::Plan plan = card::default_plan("FUZZ");
    plan.pin = card::padded_pin("73519264");
    plan.puk = card::padded_pin("fuzz-puk");
    plan.administrator_cipher = card::piv::kAes192;
    plan.administrator_key = SecretBytes(24);
    random.fill(plan.administrator_key.reveal_mutable());
    card::fill_in(plan, random);
    auto created = root ? card::SoftwareCard::create_over(storage, plan, {*root, key}, now_ms, random) : Error{Code::internal, "fuzz", ""};
    if (!created) std::abort();
    made = std::move(*created);
    for (const std::uint8_t reference : {std::uint8_t{0x9A}, std::uint8_t{0x9C}, std::uint8_t{0x9E}})
      if (!made->services().keys.generate({"piv", reference}, card::piv::facts_of_reference(reference, card::Algorithm::p256))) std::abort();
  }
  std::string state() {
    std::string out;
    for (const auto& [name, value] : *storage.load())
      if (!name.starts_with("pin/")) out += name + "=" + std::string(as_text(value.reveal())) + "\n";
    return out;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scene scene;
  static const std::string before = scene.state();
  card::Card& card = scene.made->card();
  card.power_on();
  const Bytes select{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08};
  card.transmit(select);
  ByteView rest(data, size);
  while (!rest.empty()) {
    std::size_t length = rest[0];
    rest = rest.subspan(1);
    if (length == 0xFF && rest.size() >= 2) {
      length = std::size_t{rest[0]} << 8 | rest[1];
      rest = rest.subspan(2);
    }
    length = std::min(length, rest.size());
    if (card.transmit(rest.first(length)).size() < 2) std::abort();
    rest = rest.subspan(length);
  }
  if (scene.state() != before) std::abort();
  card.reset();
  const Bytes answer = card.transmit(select);
  if (answer.size() < 2 || answer[answer.size() - 2] != 0x90) std::abort();
  return 0;
}
