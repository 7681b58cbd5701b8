"""Names of the Sequence Ontology (sequenceontology.org) that annotation files use, grouped by what they mean for a gene model.

Gene level is the term `gene` with all its sub-terms and `pseudogene`; transcript, exon and CDS level are the terms of
these names with all their sub-terms. Upstream reads the same groups.
"""

import re

GENE_TYPES = frozenset(
    """
    RNase_MRP_RNA_gene RNase_P_RNA_gene SRP_RNA_gene allelically_excluded_gene apicoplast_gene candidate_gene
    chromoplast_gene cryptic_gene cryptogene ct_gene cyanelle_gene endogenous_retroviral_gene
    engineered_foreign_gene engineered_foreign_transposable_element_gene engineered_fusion_gene engineered_gene
    epigenetically_modified_gene floxed_gene foreign_gene functional_candidate_gene fusion_gene gRNA_gene gene
    gene_cassette gene_rearranged_at_DNA_level gene_silenced_by_DNA_methylation gene_silenced_by_DNA_modification
    gene_silenced_by_RNA_interference gene_silenced_by_histone_deacetylation gene_silenced_by_histone_methylation
    gene_silenced_by_histone_modification gene_with_dicistronic_mRNA gene_with_dicistronic_primary_transcript
    gene_with_dicistronic_transcript gene_with_edited_transcript gene_with_mRNA_recoded_by_translational_bypass
    gene_with_mRNA_with_frameshift gene_with_non_canonical_start_codon gene_with_polyadenylated_mRNA
    gene_with_polycistronic_transcript gene_with_recoded_mRNA gene_with_start_codon_CUG
    gene_with_stop_codon_read_through gene_with_stop_codon_redefined_as_pyrrolysine
    gene_with_stop_codon_redefined_as_selenocysteine gene_with_trans_spliced_transcript
    gene_with_transcript_with_translational_frameshift kinetoplast_gene leucoplast_gene lincRNA_gene
    maternally_imprinted_gene maxicircle_gene miRNA_gene minicircle_gene mt_gene ncRNA_gene
    negatively_autoregulated_gene nuclear_gene nucleomorph_gene paternally_imprinted_gene piRNA_gene plasmid_gene
    plastid_gene positional_candidate_gene positively_autoregulated_gene post_translationally_regulated_gene
    predicted_gene proplastid_gene protein_coding_gene proviral_gene pseudogene rRNA_gene
    recombinationally_inverted_gene recombinationally_rearranged_gene
    recombinationally_rearranged_vertebrate_immune_system_gene rescue_gene retrogene scRNA_gene silenced_gene
    snRNA_gene snoRNA_gene tRNA_gene telomerase_RNA_gene tmRNA_gene transgene translationally_regulated_gene
    transposable_element_gene wild_type_rescue_gene
    """.split()  # noqa: SIM905
)

TRANSCRIPT_TYPES = frozenset(
    """
    ARIA ARRET C_D_box_snoRNA C_D_box_snoRNA_primary_transcript CsrB_RsmB_RNA DsrA_RNA GcvB_RNA H_ACA_box_snoRNA
    H_ACA_box_snoRNA_primary_transcript MicF_RNA OxyS_RNA RNA_6S RNase_MRP_RNA RNase_P_RNA RRE_RNA RprA_RNA SRP_RNA
    SRP_RNA_primary_transcript TERRA U11_snRNA U12_snRNA U14_snoRNA U14_snoRNA_primary_transcript U1_snRNA U2_snRNA
    U3_snoRNA U4_snRNA U4atac_snRNA U5_snRNA U6_snRNA U6atac_snRNA Y_RNA Y_RNA_primary_transcript
    aberrant_processed_transcript alanine_tRNA_primary_transcript alanyl_tRNA alternatively_spliced_transcript
    anti_ARRET antisense_RNA antisense_lncRNA antisense_primary_transcript arginine_tRNA_primary_transcript
    arginyl_tRNA asparagine_tRNA_primary_transcript asparaginyl_tRNA aspartic_acid_tRNA_primary_transcript
    aspartyl_tRNA capped_mRNA capped_primary_transcript class_II_RNA class_I_RNA consensus_mRNA
    cysteine_tRNA_primary_transcript cysteinyl_tRNA dicistronic_mRNA dicistronic_primary_transcript
    dicistronic_transcript edited_mRNA edited_transcript edited_transcript_by_A_to_I_substitution enhancerRNA
    enzymatic_RNA exemplar_mRNA glutamic_acid_tRNA_primary_transcript glutamine_tRNA_primary_transcript
    glutaminyl_tRNA glutamyl_tRNA glycine_tRNA_primary_transcript glycyl_tRNA guide_RNA
    histidine_tRNA_primary_transcript histidyl_tRNA intronic_lncRNA isoleucine_tRNA_primary_transcript
    isoleucyl_tRNA large_subunit_rRNA leucine_tRNA_primary_transcript leucyl_tRNA lincRNA lncRNA_primary_transcript
    lnc_RNA loR lysine_tRNA_primary_transcript lysyl_tRNA mRNA mRNA_recoded_by_codon_redefinition
    mRNA_recoded_by_translational_bypass mRNA_with_frameshift mRNA_with_minus_1_frameshift
    mRNA_with_minus_2_frameshift mRNA_with_plus_1_frameshift mRNA_with_plus_2_frameshift mature_transcript
    methionine_tRNA_primary_transcript methionyl_tRNA methylation_guide_snoRNA
    methylation_guide_snoRNA_primary_transcript miRNA miRNA_primary_transcript miR_encoding_Y_RNA_primary_transcript
    miR_encoding_lncRNA_primary_transcript miR_encoding_shRNA_primary_transcript
    miR_encoding_snoRNA_primary_transcript miR_encoding_tRNA_primary_transcript
    miR_encoding_vaultRNA_primary_transcript mini_exon_donor_RNA moR monocistronic_mRNA
    monocistronic_primary_transcript monocistronic_transcript ncRNA nc_primary_transcript
    phenylalanine_tRNA_primary_transcript phenylalanyl_tRNA piRNA polyadenylated_mRNA polycistronic_mRNA
    polycistronic_primary_transcript polycistronic_transcript pre_edited_mRNA priRNA primary_transcript
    processed_transcript proline_tRNA_primary_transcript prolyl_tRNA protein_coding_primary_transcript
    pseudouridylation_guide_snoRNA pyrrolysine_tRNA_primary_transcript pyrrolysyl_tRNA rRNA rRNA_16S rRNA_18S
    rRNA_21S rRNA_23S rRNA_25S rRNA_28S rRNA_5S rRNA_5_8S rRNA_cleavage_RNA rRNA_cleavage_snoRNA_primary_transcript
    rRNA_large_subunit_primary_transcript rRNA_primary_transcript rRNA_small_subunit_primary_transcript rasiRNA
    recoded_mRNA regional_centromere_outer_repeat_transcript ribozyme scRNA scRNA_primary_transcript
    selenocysteine_tRNA_primary_transcript selenocysteinyl_tRNA serine_tRNA_primary_transcript seryl_tRNA shRNA
    shRNA_primary_transcript siRNA small_regulatory_ncRNA small_subunit_rRNA snRNA snRNA_primary_transcript snoRNA
    snoRNA_primary_transcript spot_42_RNA tRNA tRNA_primary_transcript tasiRNA tasiRNA_primary_transcript
    telomerase_RNA telomeric_transcript threonine_tRNA_primary_transcript threonyl_tRNA tmRNA
    tmRNA_primary_transcript trans_spliced_mRNA trans_spliced_transcript transcript transcript_bound_by_nucleic_acid
    transcript_bound_by_protein transcript_with_translational_frameshift tryptophan_tRNA_primary_transcript
    tryptophanyl_tRNA tyrosine_tRNA_primary_transcript tyrosyl_tRNA valine_tRNA_primary_transcript valyl_tRNA
    vaultRNA_primary_transcript vault_RNA
    """.split()  # noqa: SIM905
)

EXON_TYPES = frozenset(
    """
    coding_exon exon exon_of_single_exon_gene five_prime_coding_exon five_prime_noncoding_exon interior_coding_exon
    interior_exon noncoding_exon three_prime_coding_exon three_prime_noncoding_exon
    """.split()  # noqa: SIM905
)

CDS_TYPES = frozenset(
    """
    CDS CDS_fragment CDS_independently_known CDS_predicted CDS_supported_by_EST_or_cDNA_data
    CDS_supported_by_domain_match_data CDS_supported_by_sequence_similarity_data edited_CDS orphan_CDS
    transposable_element_CDS
    """.split()  # noqa: SIM905
)

# Every writer has its own name for a UTR: 5'-UTR, UTR5, five_prime_utr, 3'UTR, three_prime_untranslated_region, 5_prime_UTR ...
_SIDE = "(?:5|3|five|three)(?:p|prime)?"
UTR_NAME = re.compile(f"(?:{_SIDE})?(?:utr|untranslatedregion)(?:{_SIDE})?")
NO_LETTER = re.compile(r"[\W_]+")

START_CODON_TYPES = frozenset({"start_codon"})
STOP_CODON_TYPES = frozenset({"stop_codon"})
# Common neighbours of gene models that carry nothing a model needs: skipped without a word.
SILENT_TYPES = frozenset(
    """
    region chromosome chromosome_part supercontig contig scaffold sequence_feature biological_region source databank_entry
    intron tss tts transcription_start_site transcription_end_site polyA_site polyA_signal_sequence
    match match_part cDNA_match EST_match nucleotide_match protein_match expressed_sequence_match translated_nucleotide_match
    protein protein_binding_site promoter enhancer silencer TATA_box transcriptional_cis_regulatory_region CAGE_cluster
    regulatory_region open_chromatin_region insulator CpG_island sequence_alteration SNV insertion deletion assembly_gap gap
    repeat_region repeat_fragment direct_repeat inverted_repeat tandem_repeat dispersed_repeat microsatellite satellite_DNA
    transposable_element mobile_genetic_element long_terminal_repeat LTR_retrotransposon telomere centromere D_loop
    origin_of_replication ARS sequence_conflict sequence_difference sequence_variant mature_protein_region signal_peptide
    Selenocysteine selenocysteine stop_codon_redefined_as_selenocysteine
    """.split()  # noqa: SIM905
)
