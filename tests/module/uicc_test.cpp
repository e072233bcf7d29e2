// The module in a smart card under the contract, and what only a card can do: its USIM has the subscription afterwards, others use the card beside us, its power goes.
#include "apdu/tlv.hpp"
#include "base/file.hpp"
#include "card/personalise.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "module/state.hpp"
#include "tests/module/uicc_support.hpp"
#include "wire/fields.hpp"

namespace tf::module::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Uicc, ModuleContract, testing::Values(ModuleFactory{"uicc", [] { return std::make_unique<UiccUnderTest>(); }}));

using card::VolatileStorage;
using crypto::AkaAccepted;
using crypto::AkaOutOfSequence;

// A card in memory. Everything that goes over the line is kept.
class Uicc : public testing::Test {
 protected:
  Uicc() { restart(must(card::SoftwareCard::create_over(storage, card_plan(), card_manufacturer(), tf::test::FixedClock::kStart, random))); }
  void restart(std::unique_ptr<card::SoftwareCard> made) {
    software = std::move(made);
    software->card().power_on();
  }
  // Without power for a moment.
  void power_cycle() { restart(must(card::SoftwareCard::over(storage, random))); }

  class Line final : public apdu::Channel {
   public:
    explicit Line(Uicc& test) : test_(test) {}
    Result<Bytes> transmit(ByteView command) override {
      Bytes answer = test_.forged && command.size() > 1 && command[1] == apdu::scp03::kInitializeUpdate ? *test_.forged : test_.software->card().transmit(command);
      append(test_.heard, command);
      append(test_.heard, answer);
      if (test_.broken) return Error{Code::unavailable, "pcsc.removed", "the card was taken out"};
      return answer;
    }

   private:
    Uicc& test_;
  };
  uicc::Settings settings(const std::string& where, std::optional<pki::Certificate> manufacturer = card_manufacturer().certificate) {
    return {.directory = where, .storage_key = Secret<32>(ByteArray<32>{7}),
            .connect = [this]() -> Result<std::unique_ptr<apdu::Channel>> { return std::make_unique<Line>(*this); }, .manufacturer = std::move(manufacturer),
            .now_ms = tf::test::FixedClock::kStart};
  }
  Result<std::unique_ptr<SecureModule>> create() { return uicc::create(settings(directory.path()), kId, random); }
  Result<std::unique_ptr<SecureModule>> open() { return uicc::open(settings(directory.path()), kId, random); }

  // What a modem does: the USIM on the card. Data and status word, in hex.
  apdu::ResponseApdu usim(const apdu::CommandApdu& command) {
    card::InProcessChannel channel(software->card());
    return must(apdu::exchange(channel, command));
  }
  apdu::StatusWord select_usim() { return usim({.ins = 0xA4, .p1 = 4, .p2 = 0x0C, .data = bytes_of("a0000000871002")}).status; }
  std::string read_imsi() {
    if (select_usim() != apdu::StatusWord::ok) return "none";
    EXPECT_TRUE(usim({.ins = 0xA4, .p2 = 0x0C, .data = bytes_of("6f07")}).ok());
    return wire::hex_lower(usim({.ins = 0xB0, .le = 9}).data);
  }
  static crypto::AkaVector vector_for(std::uint64_t sqn, std::string_view k = kK) {
    SystemRandom random;
    const crypto::Rand rand = random.array<16>();
    crypto::AkaVector out;
    crypto::AkaFunctions(key_with(k)).vectors({&rand, 1}, {&sqn, 1}, {0x80, 0x00}, {&out, 1});
    return out;
  }
  apdu::ResponseApdu usim_authenticates(const crypto::AkaVector& vector) {
    apdu::CommandApdu command{.ins = 0x88, .p2 = 0x81, .data = {16}, .le = 256};
    append(command.data, vector.rand);
    command.data.push_back(16);
    append(command.data, vector.autn);
    return usim(command);
  }
  static bool accepted(const Result<crypto::AkaAnswer>& answer) { return answer && std::holds_alternative<AkaAccepted>(*answer); }

  Directory directory;
  SystemRandom random;
  VolatileStorage storage;
  std::unique_ptr<card::SoftwareCard> software;
  Bytes heard;
  bool broken = false;
  std::optional<Bytes> forged;  // somebody else's answer to INITIALIZE UPDATE
};

TEST_F(Uicc, its_usim_is_the_preliminary_one_and_then_the_subscription) {
  EXPECT_EQ(read_imsi(), "none");
  auto module = must(create());
  ASSERT_OK(module->store_credential(Slot::preliminary, credential("999990000000001", "000102030405060708090a0b0c0d0e0f")));
  EXPECT_EQ(read_imsi(), "089999990000000010");
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_EQ(read_imsi(), "080910101032547698");
  // One sequence for both ways to it: what the modem answered the module does not answer again, and the other way about.
  const auto first = vector_for(64);
  const auto answer = usim_authenticates(first);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(ByteView(answer.data).subspan(2, 8)[0], first.res.reveal()[0]);
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(must(module->aka(Slot::subscription, first.rand, first.autn))));
  const auto second = vector_for(96);
  EXPECT_TRUE(accepted(module->aka(Slot::subscription, second.rand, second.autn)));
  ASSERT_EQ(select_usim(), apdu::StatusWord::ok);
  EXPECT_EQ(usim_authenticates(second).data.at(0), 0xDC);
  ASSERT_OK(module->erase(Slot::subscription));
  EXPECT_EQ(read_imsi(), "089999990000000010");
}

TEST_F(Uicc, a_credential_that_comes_back_goes_on_with_its_sequence) {
  auto module = must(create());
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  const auto vector = vector_for(64);
  ASSERT_TRUE(accepted(module->aka(Slot::subscription, vector.rand, vector.autn)));
  ASSERT_OK(module->erase(Slot::subscription));
  ASSERT_OK(module->store_credential(Slot::subscription, credential("001010123456788")));
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(must(module->aka(Slot::subscription, vector.rand, vector.autn))));
  module.reset();
  ASSERT_OK(uicc::remove(settings(directory.path()), kId));
  module = must(create());
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(must(module->aka(Slot::subscription, vector.rand, vector.autn))));
}

TEST_F(Uicc, nothing_secret_goes_over_the_line) {
  auto module = must(create());
  const Sealed sealed = sealed_to(module->public_key(Key::decrypt), Oaep::sha1, "a delivered credential");
  ASSERT_OK(module->install(Slot::subscription, sealed.content(), [](ByteView) -> Result<Credential> { return credential(); }));
  ASSERT_OK(module->store_record("r", SecretBytes(as_bytes("registration nonce"))));
  const Bytes content_key(32, 0x5a);
  const Bytes wrapped = must(crypto::oaep_encrypt(module->public_key(Key::decrypt), content_key));
  ASSERT_OK(module->unwrap(Oaep::sha256, wrapped));
  const auto vector = vector_for(64);
  ASSERT_TRUE(accepted(module->aka(Slot::subscription, vector.rand, vector.autn)));
  const std::string line(as_text(heard));
  const Bytes k = bytes_of(kK), opc = bytes_of(kOpc);
  for (const ByteView secret : {ByteView(k), ByteView(opc), ByteView(content_key), as_bytes("registration nonce"), ByteView(vector.ck.reveal())})
    EXPECT_EQ(line.find(as_text(secret)), std::string::npos);
}

TEST_F(Uicc, goes_on_after_another_program_used_or_reset_the_card) {
  auto module = must(create());
  ASSERT_OK(module->store_record("r", SecretBytes(as_bytes("1"))));
  (void)select_usim();
  EXPECT_OK(module->store_record("r", SecretBytes(as_bytes("2"))));
  software->card().reset();
  EXPECT_TRUE(crypto::verify_es256(module->public_key(Key::sign), as_bytes("x"), must(module->sign(as_bytes("x")))));
  power_cycle();
  EXPECT_OK(module->store_record("r", SecretBytes(as_bytes("3"))));
  module.reset();
  EXPECT_EQ(as_text(must(open())->record("r").reveal()), "3");
}

TEST_F(Uicc, says_that_the_card_is_gone_and_works_when_it_is_back) {
  auto module = must(create());
  broken = true;
  EXPECT_REFUSED(module->sign(as_bytes("x")), Code::unavailable, "pcsc.removed");
  broken = false;
  EXPECT_OK(module->sign(as_bytes("x")));
}

TEST_F(Uicc, is_the_module_of_one_device) {
  auto module = must(create());
  const Directory elsewhere;
  EXPECT_REFUSED(uicc::create(settings(elsewhere.path()), "DSIM-0002", random), Code::conflict, "module.card_taken");
  module.reset();
  // Another card, of the same manufacturer: not the module.
  storage = VolatileStorage();
  restart(must(card::SoftwareCard::create_over(storage, card_plan("CARD-0002"), card_manufacturer(), tf::test::FixedClock::kStart, random)));
  EXPECT_REFUSED(open(), Code::integrity, "module.other_card");
  // One that says it had the serial.
  storage = VolatileStorage();
  restart(must(card::SoftwareCard::create_over(storage, card_plan(), card_manufacturer(), tf::test::FixedClock::kStart, random)));
  EXPECT_REFUSED(open(), Code::integrity, "module.other_card");
  ASSERT_OK(uicc::create(settings(elsewhere.path()), "DSIM-0002", random));
  EXPECT_REFUSED(open(), Code::integrity, "module.other_card");
}

TEST_F(Uicc, is_removed_at_the_cards_own_word_alone) {
  must(create()).reset();
  forged = bytes_of("6a88");
  EXPECT_REFUSED(uicc::remove(settings(directory.path()), kId), Code::integrity, "module.other_card");
  forged.reset();
  EXPECT_OK(open());
  EXPECT_OK(uicc::remove(settings(directory.path()), kId));
  EXPECT_REFUSED(open(), Code::not_found, "module.no_module");
}

// A device put back from a copy would otherwise have keys that nobody certified.
TEST_F(Uicc, a_file_put_back_after_the_removal_makes_no_new_keys) {
  must(create()).reset();
  const std::string path = StateFile::path_of(directory.path(), kId);
  const Bytes kept = must(read_file(path, 1 << 20));
  ASSERT_OK(uicc::remove(settings(directory.path()), kId));
  ASSERT_OK(write_private_file(path, kept));
  EXPECT_REFUSED(open(), Code::integrity, "module.other_card");
  EXPECT_REFUSED(open(), Code::integrity, "module.other_card");
  EXPECT_OK(uicc::remove(settings(directory.path()), kId));
  EXPECT_OK(create());
}

// Before there was a phase in it.
TEST_F(Uicc, a_file_of_an_earlier_version_opens) {
  auto module = must(create());
  const Bytes key = module->public_key(Key::sign).spki();
  module.reset();
  const auto file = must(StateFile::read(directory.path(), kId, "uicc"));
  const Secret<32> prk = crypto::hkdf_extract(as_bytes("trustferry/module"), Secret<32>(ByteArray<32>{7}).reveal());
  const Secret<32> file_key = crypto::hkdf_expand<32>(prk, "trustferry/module/uicc", as_bytes(kId));
  const Bytes associated = wire::FieldWriter().field("trustferry/module/uicc").field(kId).field("CARD-0001").take();
  const SecretBytes plain = must(crypto::open_blob(file_key, associated, file.sealed));
  const auto three_keys = plain.reveal().first(3 * (4 + 16));
  ASSERT_OK(StateFile::write(StateFile::path_of(directory.path(), kId), "uicc", {file.chip, crypto::seal_blob(file_key, random, associated, three_keys)}));
  EXPECT_EQ(must(open())->public_key(Key::sign).spki(), key);
}

TEST_F(Uicc, takes_no_card_of_another_manufacturer) {
  const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto other = must(pki::make_root("another", key, {tf::test::FixedClock::kStart, pki::kRootDays}, random));
  const auto made = uicc::create(settings(directory.path(), other), kId, random);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::refused) << describe(made.error());
  EXPECT_OK(create());
}

TEST_F(Uicc, a_card_that_was_reset_has_lost_the_module_and_keeps_its_sequence) {
  auto module = must(create());
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  const auto vector = vector_for(64);
  ASSERT_TRUE(accepted(module->aka(Slot::subscription, vector.rand, vector.autn)));
  module.reset();
  ASSERT_OK(card::reset(software->services(), card_plan()));
  EXPECT_EQ(read_imsi(), "none");
  EXPECT_REFUSED(open(), Code::integrity, "module.other_card");
  EXPECT_REFUSED(uicc::remove(settings(directory.path()), kId), Code::integrity, "module.other_card");
  const Directory elsewhere;
  module = must(uicc::create(settings(elsewhere.path()), kId, random));
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(must(module->aka(Slot::subscription, vector.rand, vector.autn))));
}

}  // namespace
}  // namespace tf::module::test
