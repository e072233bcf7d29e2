// tool milenage: every output of Milenage for one RAND and SQN, to compare a USIM or an HLR with.
#include "apps/trustferry/tool/aka_values.hpp"
#include "crypto/aka/milenage.hpp"

namespace tf::cli {
namespace {

struct MilenageArgs {
  AkaWords words;
  std::string op, opc;
};

Status run_milenage(const MilenageArgs& args, Context& context) {
  if (args.op.empty() == args.opc.empty()) return Error{Code::invalid, "cli.option", "give --op or --opc, one of them"};
  crypto::MilenageKey key{TF_TRY(sized<16>(args.words.k, "--k")), {}};
  key.opc = args.opc.empty() ? crypto::milenage_opc(key.k, TF_TRY(sized<16>(args.op, "--op"))) : TF_TRY(sized<16>(args.opc, "--opc"));
  const AkaNumbers numbers = TF_TRY(numbers_of(args.words));
  const crypto::AkaOutputs out = crypto::Milenage(key).outputs(numbers.rand, numbers.sqn, numbers.amf);
  const SecretBytes autn = autn_of(numbers, out.ak, out.mac_a.reveal());
  print_values({{"mac_a", out.mac_a.reveal()}, {"mac_s", out.mac_s.reveal()}, {"res", out.res.reveal()}, {"ck", out.ck.reveal()}, {"ik", out.ik.reveal()},
                {"ak", out.ak.reveal()}, {"ak_s", out.ak_s.reveal()}, {"opc", key.opc.reveal()}, {"autn", autn.reveal()}},
               context);
  return {};
}

}  // namespace

void add_milenage(CommandLine& line, CLI::App& tool) {
  static MilenageArgs args;
  CLI::App& milenage = line.command(tool, "milenage",
      "Milenage (3GPP TS 35.206) of one subscription, RAND and SQN: MAC-A (f1), MAC-S (f1*), RES (f2), CK (f3), IK (f4), AK (f5), AK* (f5*), "
      "OPc and AUTN. MAC-S here is of this SQN and AMF; in an AUTS the AMF is 0000.",
      "trustferry tool milenage --k 465b5ce8b199b49faa5f0a2ee238a6bc --op cdc202d5123e20f62b6d676ac72cb318 --rand 23553cbe9637a89d218ae64dae47bf35 "
      "--sqn ff9bb4d0b607 --amf b9b9",
      [](Context& context) { return run_milenage(args, context); });
  add_words(milenage, args.words, "16 bytes");
  milenage.add_option("--op", args.op, std::string("the operator's OP, 16 bytes") + kOrFile);
  milenage.add_option("--opc", args.opc, std::string("or the subscription's OPc, 16 bytes") + kOrFile);
}

}  // namespace tf::cli
