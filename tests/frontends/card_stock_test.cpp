// Strangers to our code: the npm package iso_8583 reads our bytes, and the acquirer runs as a program of its own.
#include "tests/frontends/card_scene.hpp"
#include "tests/support/local.hpp"
#include "tests/support/process.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

using Kind = Incident::Kind;
using frontends::card::Message;

wire::JsonObject decoded(const Message& message) {
  const auto bytes = encode_with_mac(message.clone(), {}, [](ByteView) { return ByteArray<8>{0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4}; });
  EXPECT_OK(bytes);
  const Finished done = run({"node", std::string(TRUSTFERRY_SOURCE_DIR) + "/tests/clients/iso8583.mjs", wire::hex_lower(bytes->reveal())});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  return json_of(done.out);
}

void expect_decoded(const Message& message) {
  auto read = decoded(message);
  EXPECT_EQ(read.text("0").value(), message.mti());
  for (const auto& [number, value] : message.fields()) {
    const bool binary = frontends::card::field(number)->content == frontends::card::Content::b;
    EXPECT_EQ(read.text(std::to_string(number)).value(), binary ? wire::hex_lower(value.reveal()) : std::string(as_text(value.reveal()))) << number;
  }
  EXPECT_EQ(read.text(message.needs_secondary() ? "128" : "64").value(), "deadbeef01020304");
  EXPECT_OK(read.finish());
}

payment::Payment payment() {
  return {.transaction = "20261121000000000017", .trace = 17, .at_ms = 1'795'253'400'000, .amount = {1234, "CNY"}, .merchant = "M100",
          .terminal = "T1", .subject = "tea", .instrument = "card-1"};
}

TEST(CardStock, a_stock_library_reads_our_payments_reversals_and_refunds) {
  const payment::Instruments::Card card{SecretBytes(as_bytes(kPan)), "4912"};
  expect_decoded(frontends::card::purchase(payment(), card, ByteArray<8>{4, 0x12, 0x77, 0xCD, 0xDE, 0xEF, 0xF6, 0x69}, {}).value());
  expect_decoded(frontends::card::reversal("0421", payment(), &card, {}).value());
  expect_decoded(frontends::card::refund({"20261121000000000018", 18, 1'795'253'400'000, {34, "CNY"}, payment(), "000000000017"}, card, {}).value());
  expect_decoded(frontends::card::network_management("161", 5, 1'795'253'400'000, {}));
}

TEST(CardStock, the_acquirer_runs_as_a_program_and_survives_a_kill) {
  CardScene scene;
  ASSERT_TRUE(scene.wait_in_service());
  scene.stop_host();
  write_text(scene.directory.file("one"), "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n");
  write_text(scene.directory.file("two"), "0F1E2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A69788796A5B4C3D2E1F1\n");
  const std::vector<std::string> command = {
      trustferry_program(), "simulate", "acquirer", "--listen", "127.0.0.1:" + std::to_string(scene.port), "--zone-key-components",
      "@" + scene.directory.file("one"), "@" + scene.directory.file("two"), "--journal", scene.directory.file("journal"),
      "--settlement", scene.directory.path(), "--pin", "4711"};
  const Payment paid = scene.payment(700), undone = scene.payment(300);
  {
    const Process host = Process::start(command, scene.directory.file("log"));
    ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, 2)) << read_text(scene.directory.file("log"));
    EXPECT_EQ(scene.pay(paid, scene.pin_block("4711")).verdict, Verdict::done);
    EXPECT_EQ(scene.pay(undone, scene.pin_block("4711")).verdict, Verdict::done);
    EXPECT_EQ(scene.pay(scene.payment(), scene.pin_block(kPin)).code, "55");
  }  // killed
  Process again = Process::start(command, scene.directory.file("log"));
  ASSERT_TRUE(scene.diary.wait_for(Kind::in_service, 3)) << read_text(scene.directory.file("log"));
  EXPECT_EQ(scene.reverse(undone).verdict, Verdict::done);
  again.send(SIGTERM);
  EXPECT_EQ(again.wait(), 0);
  EXPECT_EQ(read_text(scene.directory.file("20261121.csv")),
            "date,transaction,type,amount,currency,state,reference\n"
            "20261121,20261121000000000001,payment,700,CNY,captured,000000000001\n"
            "20261121,20261121000000000002,payment,300,CNY,reversed,000000000002\n");
  const std::string written = read_text(scene.directory.file("journal")) + read_text(scene.directory.file("log"));
  EXPECT_FALSE(written.contains(kPan));
}

TEST(CardStock, wrong_arguments_of_the_acquirer_are_named) {
  const auto exit_of = [](std::vector<std::string> more) {
    std::vector<std::string> words = {"simulate", "acquirer", "--journal", "/tmp/none/journal", "--zone-key-components", std::string(32, 'A'), std::string(32, 'B')};
    words.insert(words.end(), more.begin(), more.end());
    return trustferry(words);
  };
  EXPECT_THAT(exit_of({"--listen", "nowhere"}).err, ::testing::HasSubstr("--listen"));
  EXPECT_THAT(exit_of({"--drop", "1.5"}).err, ::testing::HasSubstr("probability"));
  EXPECT_THAT(exit_of({"--pin", "12a4"}).err, ::testing::HasSubstr("--pin"));
  EXPECT_THAT(exit_of({"--numbers", "ebcdic"}).err, ::testing::HasSubstr("--numbers"));
  EXPECT_THAT(exit_of({}).err, ::testing::HasSubstr("journal"));
}

}  // namespace
}  // namespace tf::test
