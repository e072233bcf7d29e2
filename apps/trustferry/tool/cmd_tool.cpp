// tool kcv, keyblock decode, keyblock encode, dik2: calculators, for keys one holds in the open anyway. They enforce no policy.
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "crypto/banking/key_block.hpp"
#include "crypto/banking/key_check_value.hpp"
#include "protocols/rki/keys.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

using crypto::BlockCipher;
using wire::JsonWriter;

struct ToolArgs {
  std::string algorithm, key, kbpk, header, block, dik1, dsn, factor;
};

// Check values by name; empty for keys that have none, such as RSA keys.
using CheckValues = std::vector<std::pair<std::string, std::string>>;

Result<CheckValues> check_values(BlockCipher cipher, const SecretBytes& key) {
  CheckValues out{{"kcv", TF_TRY(crypto::key_check_value(cipher, key.reveal()))}};
  if (cipher == BlockCipher::aes) out.emplace_back("kcv5", TF_TRY(crypto::key_check_value(cipher, key.reveal(), 5)));
  return out;
}

Result<CheckValues> check_values(char algorithm, const SecretBytes& key) {
  if (algorithm == 'A') return check_values(BlockCipher::aes, key);
  if (algorithm == 'T') return check_values(BlockCipher::tdes, key);
  return CheckValues{};
}

// Names and values in columns or, with --json, as one object; header is the block's header or nothing.
void print(const Context& context, const CheckValues& values, const crypto::KeyBlockHeader* header = nullptr, std::size_t length = 0) {
  if (context.json) {
    JsonWriter writer;
    writer.begin_object();
    for (const auto& [name, value] : values) writer.member(name, value);
    if (header != nullptr) {
      writer.key("header").begin_object().member("version", std::string(1, header->version)).member("length", length);
      writer.member("usage", header->usage).member("algorithm", std::string(1, header->algorithm));
      writer.member("mode", std::string(1, header->mode)).member("key_version", header->key_version);
      writer.member("exportability", std::string(1, header->exportability)).key("optional_blocks").begin_array();
      for (const auto& option : header->options)
        writer.begin_object().member("id", option.id).member("data", option.data).end_object();
      writer.end_array().member("context", std::string(1, header->context)).member("reserved", "0").end_object();
    }
    print_line(writer.end_object().text());
    return;
  }
  Facts facts;
  for (const auto& [name, value] : values) facts.add(name, value);
  if (header != nullptr) {
    facts.add("version", std::string(1, header->version)).add("length", std::to_string(length)).add("usage", header->usage);
    facts.add("algorithm", std::string(1, header->algorithm)).add("mode", std::string(1, header->mode));
    facts.add("key version", header->key_version).add("exportability", std::string(1, header->exportability));
    facts.add("context", std::string(1, header->context));
    for (const auto& option : header->options) facts.add("optional " + option.id, option.data);
  }
  facts.print();
}

Status run_kcv(const ToolArgs& args, Context& context) {
  TF_CHECK(need(args.algorithm, "--alg"));
  TF_CHECK(need(args.key, "--key"));
  const SecretBytes key = TF_TRY(secret_argument(args.key, "--key"));
  print(context, TF_TRY(check_values(args.algorithm == "aes" ? BlockCipher::aes : BlockCipher::tdes, key)));
  return {};
}

Status run_decode(const ToolArgs& args, Context& context) {
  TF_CHECK(need(args.kbpk, "--kbpk"));
  TF_CHECK(need(args.block, "BLOCK"));
  const SecretBytes kbpk = TF_TRY(secret_argument(args.kbpk, "--kbpk"));
  const std::string block = TF_TRY(text_argument(args.block, "BLOCK"));
  const crypto::KeyBlock opened = TF_TRY(crypto::unwrap_key_block(kbpk.reveal(), block));
  CheckValues values{{"key", wire::hex_upper(opened.key.reveal())}};
  for (auto& value : TF_TRY(check_values(opened.header.algorithm, opened.key))) values.push_back(std::move(value));
  print(context, values, &opened.header, block.size());
  return {};
}

Status run_encode(const ToolArgs& args, Context& context) {
  TF_CHECK(need(args.kbpk, "--kbpk"));
  TF_CHECK(need(args.header, "--header"));
  TF_CHECK(need(args.key, "--key"));
  const SecretBytes kbpk = TF_TRY(secret_argument(args.kbpk, "--kbpk"));
  const auto header = TF_TRY(crypto::KeyBlockHeader::parse16(args.header));
  const SecretBytes key = TF_TRY(secret_argument(args.key, "--key"));
  SystemRandom random;
  const std::string block = TF_TRY(crypto::wrap_key_block(kbpk.reveal(), header, key, random));
  CheckValues values{{"block", block}};
  for (auto& value : TF_TRY(check_values(header.algorithm, key))) values.push_back(std::move(value));
  print(context, values, &header, block.size());
  return {};
}

Status run_dik2(const ToolArgs& args, Context& context) {
  TF_CHECK(need(args.dik1, "--dik1"));
  TF_CHECK(need(args.dsn, "--dsn"));
  TF_CHECK(need(args.factor, "--factor"));
  const SecretBytes dik1 = TF_TRY(secret_argument(args.dik1, "--dik1"));
  const SecretBytes factor = TF_TRY(secret_argument(args.factor, "--factor"));
  const SecretBytes dik2 = TF_TRY(rki::classic_dik2(dik1.reveal(), args.dsn, factor.reveal()));
  CheckValues values{{"dik2", wire::hex_upper(dik2.reveal())}};
  for (auto& value : TF_TRY(check_values(BlockCipher::tdes, dik2))) values.push_back(std::move(value));
  print(context, values);
  return {};
}

constexpr const char* kSecretHelp = "in hexadecimal digits, or @FILE that holds them, or - for standard input";

}  // namespace

void add_tool(CommandLine& line) {
  static ToolArgs args;
  CLI::App& tool = line.group(line.root(), "tool",
                              "Calculators for check values, key blocks and the source's derivation, to compare other systems with. "
                              "They print keys: use them with test keys, or where nobody looks.");
  CLI::App& kcv = line.command(tool, "kcv",
      "The check value of a key: for TDES the first 3 bytes of an encrypted zero block, for AES of the CMAC of one (kcv5: 5 bytes).",
      "trustferry tool kcv --alg tdes --key 3F419E1CB7079442AA37474C2EFBF8B8", [](Context& context) { return run_kcv(args, context); });
  kcv.add_option("--alg", args.algorithm, "tdes or aes")->check(CLI::IsMember({"tdes", "aes"}));
  kcv.add_option("--key", args.key, kSecretHelp);

  CLI::App& keyblock = line.group(tool, "keyblock", "Key blocks of ASC X9.143 (TR-31): versions A to D are read, B and D written.");
  CLI::App& decode = line.command(keyblock, "decode", "Authenticates and decrypts a key block; prints the key and the header's fields.",
      "trustferry tool keyblock decode --kbpk @kbpk.hex B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F534117"
      "6EED7B727B8A248E\n  trustferry tool keyblock decode --kbpk @kbpk.hex @block.txt",
      [](Context& context) { return run_decode(args, context); });
  decode.add_option("--kbpk", args.kbpk, std::string("key block protection key ") + kSecretHelp);
  decode.add_option("block", args.block, "BLOCK, @FILE or -");

  CLI::App& encode = line.command(keyblock, "encode",
      "Wraps a key. The header's version (B or D), usage, algorithm, mode, key version, exportability and context count; its length "
      "is computed. Two runs give two blocks, as the padding is random.",
      "trustferry tool keyblock encode --kbpk @kbpk.hex --header D0000K1AB00N0000 --key @key.hex",
      [](Context& context) { return run_encode(args, context); });
  encode.add_option("--kbpk", args.kbpk, std::string("key block protection key ") + kSecretHelp);
  encode.add_option("--header", args.header, "16 characters, without optional blocks");
  encode.add_option("--key", args.key, kSecretHelp);

  CLI::App& dik2 = line.command(tool, "dik2",
      "The device key DIK2 of the classic suite: KEY1 = TDES-ECB-encrypt(DIK1, SHA-256(DSN)), DIK2 = TDES-ECB-decrypt(KEY1, "
      "SHA-256(factor)), of each hash the first 24 bytes, without any change of parity.",
      "trustferry tool dik2 --dik1 @dik1.hex --dsn TF000001 --factor 000102030405060708090A0B0C0D0E0F",
      [](Context& context) { return run_dik2(args, context); });
  dik2.add_option("--dik1", args.dik1, std::string("24 bytes ") + kSecretHelp);
  dik2.add_option("--dsn", args.dsn, "the device's serial; any text");
  dik2.add_option("--factor", args.factor, kSecretHelp);
  add_lint(line, tool);
  add_milenage(line, tool);
  add_tuak(line, tool);
}

}  // namespace tf::cli
