#include "crypto/banking/key_block.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::outcome;

// A block of version D whose header text is given; the body is of no interest to the header's reader.
std::string block_of(std::string header, std::size_t body = 96) {
  header.append(body, '0');
  const std::string size = std::to_string(header.size());
  return header.replace(1, 4, std::string(4 - size.size(), '0') + size);
}
std::string read(const std::string& header) { return outcome(read_key_block_header(block_of(header))); }

TEST(KeyBlockHeader, names_every_field) {
  const auto header = KeyBlockHeader::parse16("B9999P0TE12S0010").value();
  EXPECT_EQ(header, (KeyBlockHeader{.version = 'B', .usage = "P0", .algorithm = 'T', .mode = 'E', .key_version = "12",
                                    .exportability = 'S', .context = '1', .options = {}}));
}

TEST(KeyBlockHeader, sixteen_characters_without_optional_blocks_and_nothing_else) {
  EXPECT_EQ(outcome(KeyBlockHeader::parse16("D0000K1AN00N0000")), "ok");
  for (const char* wrong : {"", "D0000K1AN00N000", "D0000K1AN00N00000", "D0000K1AN00N0100", "D0000K1AN00N  00"})
    EXPECT_EQ(outcome(KeyBlockHeader::parse16(wrong)), "malformed crypto.key_block_header") << wrong;
}

TEST(KeyBlockHeader, does_not_look_at_the_length_of_a_bare_header) {
  EXPECT_EQ(outcome(KeyBlockHeader::parse16("DzzzzK1AN00N0000")), "ok");
}

TEST(KeyBlockHeader, refuses_versions_that_do_not_exist) {
  for (const char version : std::string("EFda0 \x7f"))
    EXPECT_EQ(read(std::string(1, version) + "0000K1AN00N0000"), "malformed crypto.key_block_version");
}

TEST(KeyBlockHeader, accepts_the_usages_of_the_standard_and_proprietary_numbers) {
  for (const char* usage : {"B0", "B3", "C0", "D0", "D3", "E0", "E7", "I0", "K0", "K1", "K4", "M0", "M3", "M6", "M8", "P0", "P1",
                            "S0", "S2", "V0", "V5", "00", "99"})
    EXPECT_EQ(read("D0000" + std::string(usage) + "AN00N0000"), "ok") << usage;
}

TEST(KeyBlockHeader, refuses_a_value_that_a_field_does_not_have) {
  for (const char* header :
       {"D0000K5AN00N0000", "D0000X0AN00N0000", "D0000k1AN00N0000", "D0000KKAN00N0000", "D0000  AN00N0000",   // usage
        "D0000K1SN00N0000", "D0000K1aN00N0000", "D0000K10N00N0000",                                           // algorithm
        "D0000K1AA00N0000", "D0000K1An00N0000", "D0000K1AT00N0000",                                           // mode
        "D0000K1AN  N0000", "D0000K1AN0cN0000", "D0000K1ANd1N0000", "D0000K1AN\x01\x01N0000",                 // key version
        "D0000K1AN00X0000", "D0000K1AN00n0000",                                                               // exportability
        "D0000K1AN00N0030", "D0000K1AN00N00A0",                                                               // context
        "D0000K1AN00N0001", "D0000K1AN00N000A",                                                               // reserved
        "D0000K1AN00N0A00", "D0000K1AN00N 000", "D0000K1AN00N-100"})                                          // count
    EXPECT_EQ(read(header), "malformed crypto.key_block_header") << header;
}

TEST(KeyBlockHeader, the_length_field_is_decimal_and_exact) {
  const std::string good = block_of("D0000K1AN00N0000");
  EXPECT_EQ(outcome(read_key_block_header(good)), "ok");
  for (const char* size : {"0111", "0113", "0000", "9999", "011A", " 112", "+112", "0x70"}) {
    std::string lie = good;
    EXPECT_EQ(outcome(read_key_block_header(lie.replace(1, 4, size))), "malformed crypto.key_block_length") << size;
  }
  EXPECT_EQ(outcome(read_key_block_header(good + "0")), "malformed crypto.key_block_length");
  EXPECT_EQ(outcome(read_key_block_header(std::string(10000, '0'))), "malformed crypto.key_block_length");
}

TEST(KeyBlockHeader, reads_both_spellings_of_an_extended_length) {
  for (const char* spelling : {"0004", "0002"}) {
    const auto header = read_key_block_header(block_of("D0000K1AN00N0100KS" + std::string(spelling) + "001000604B"));
    EXPECT_EQ(outcome(header), "ok") << spelling;
    EXPECT_EQ(header->options, (std::vector<KeyBlockOption>{{"KS", "00604B"}}));
  }
}

TEST(KeyBlockHeader, refuses_optional_blocks_that_are_not_well_formed) {
  for (const char* options :
       {"KS10AAAAAAAAAAA\x01", "KS10AAAAAAAAAAA\xc3", "ks10AAAAAAAAAAAA", "K 10AAAAAAAAAAAA",  // id and data
        "KS1GAAAAAAAAAAAA", "KS03AAAAAAAAAAAA", "KS01AAAAAAAAAAAA", "KSFFAAAAAAAAAAAA",        // short length
        "KS00030010AAAAAA", "KS00060010AAAAAA", "KS00040009AAAAAA", "KS00040000AAAAAA",        // extended length
        "KS0004FFFFAAAAAA", "KS0004001GAAAAAA",
        "KS08AAAAAAAAAAAA"})  // the rest is no whole cipher block
    EXPECT_EQ(read("D0000K1AN00N0100" + std::string(options)), "malformed crypto.key_block_option") << options;
}

TEST(KeyBlockHeader, counts_more_optional_blocks_than_there_are_and_is_refused) {
  EXPECT_EQ(read("D0000K1AN00N0200KS10AAAAAAAAAAAA"), "malformed crypto.key_block_option");
  EXPECT_EQ(read("D0000K1AN00N9900"), "malformed crypto.key_block_option");
  EXPECT_EQ(outcome(read_key_block_header("D0016K1AN00N0100")), "malformed crypto.key_block_option");
}

TEST(KeyBlockHeader, padding_stands_last_or_is_refused) {
  EXPECT_EQ(read("D0000K1AN00N0200KS08AAAAPB080000"), "ok");
  EXPECT_EQ(read("D0000K1AN00N0200PB080000KS08AAAA"), "malformed crypto.key_block_option");
  EXPECT_EQ(read("D0000K1AN00N0200PB08AAAAPB080000"), "malformed crypto.key_block_option");
}

TEST(KeyBlockHeader, the_same_optional_block_twice_is_refused) {
  EXPECT_EQ(read("D0000K1AN00N0200KS08AAAAKS080000"), "malformed crypto.key_block_option");
}

TEST(KeyBlockHeader, refuses_to_write_what_it_would_not_read) {
  SystemRandom random;
  const Bytes kbpk(32);
  const auto wrap = [&](KeyBlockHeader header) { return outcome(wrap_key_block(kbpk, header, SecretBytes(16), random)); };
  EXPECT_EQ(wrap({}), "ok");
  EXPECT_EQ(wrap({.usage = "ZZ"}), "invalid crypto.key_block_header");
  EXPECT_EQ(wrap({.usage = "K10"}), "invalid crypto.key_block_header");
  EXPECT_EQ(wrap({.mode = 'Q'}), "invalid crypto.key_block_header");
  EXPECT_EQ(wrap({.key_version = "1"}), "invalid crypto.key_block_header");
  EXPECT_EQ(wrap({.exportability = ' '}), "invalid crypto.key_block_header");
  EXPECT_EQ(wrap({.context = '9'}), "invalid crypto.key_block_header");
  EXPECT_EQ(wrap({.options = {{"PB", "0000"}}}), "invalid crypto.key_block_option");
  EXPECT_EQ(wrap({.options = {{"KS", "1"}, {"KS", "2"}}}), "invalid crypto.key_block_option");
  EXPECT_EQ(wrap({.options = {{"K", "1"}}}), "invalid crypto.key_block_option");
  EXPECT_EQ(wrap({.options = {{"KS", "\n"}}}), "invalid crypto.key_block_option");
  EXPECT_EQ(wrap({.options = {{"KS", std::string(20000, 'x')}}}), "invalid crypto.key_block_option");
  std::vector<KeyBlockOption> many;
  for (int i = 0; i < 100; ++i) many.push_back({std::string{static_cast<char>('A' + i / 10), static_cast<char>('0' + i % 10)}, ""});
  EXPECT_EQ(wrap({.options = many}), "invalid crypto.key_block_size");
}

}  // namespace
}  // namespace tf::crypto
