// PureHDF is left out where code is trimmed.
#pragma warning disable IL2026, IL2070, IL2075, IL2077, IL2080, IL2081, IL3050
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using PureHDF;
using PureHDF.Filters;
using PureHDF.VOL.Native;

namespace InrFast.Imaging
{
    /// <summary>
    /// PureHDF's reader of streams, which asks whether bytes are there before it makes room for them: PureHDF's own takes any length that a file states. PureHDF keeps the class to
    /// itself, so the one derived from it is made while the program runs. For PureHDF 2.2; a name that another version lacks shows in every test of HDF5.
    /// </summary>
    internal static class BoundedDriver
    {
        private static readonly Assembly Library = typeof(NativeFile).Assembly;

        private static readonly Type Base = Library.GetType("PureHDF.VFD.H5StreamDriver", throwOnError: true)!;

        private static readonly Type Driver = Derive();

        private static readonly MethodInfo OpenWith = typeof(NativeFile).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Single(method => method.Name == "InternalOpen" && method.GetParameters()[0].ParameterType.IsAssignableFrom(Base));

        static BoundedDriver()
        {
            ChunkCache.DefaultReadingChunkCacheFactory = () => new BoundedChunks();
            H5Filter.Register(new BoundedDeflate());
        }

        /// <param name="stream">Closed with the file.</param>
        public static NativeFile Open(Stream stream) =>
            (NativeFile)OpenWith.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [Activator.CreateInstance(Driver, stream, false), "", false, null], null)!;

        /// <exception cref="ImagingException">Unsupported: the numbers of an array lie in other files, which may be any of the machine.</exception>
        public static void RequireOwnStorage(string path, IH5Dataset dataset)
        {
            object? Inner(string name) => typeof(NativeDataset).GetProperty(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(dataset);
            // Where a link led into another file, that one was opened with a driver of PureHDF's own.
            var context = Inner("Context")!;
            var driver = context.GetType().GetProperty("Driver")!.GetValue(context);
            if (!Driver.IsInstanceOfType(driver) || Inner("InternalExternalFileList") is not null || dataset.Layout.Class == H5DataLayoutClass.VirtualStorage)
            {
                throw new ImagingException(ImagingError.Unsupported, $"{path}: its numbers lie in other files; copy them into one (h5repack, or h5py)");
            }
        }

        public static Exception TooLong() => new EndOfStreamException("a length in it leads beyond its end");

        // class : H5StreamDriver { byte[] ReadBytes(int count) => Length - Position >= count ? base.ReadBytes(count) : throw TooLong(); }
        private static Type Derive()
        {
            var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("InrFast.Hdf5"), AssemblyBuilderAccess.Run);
            var mayAccess = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
            assembly.SetCustomAttribute(new CustomAttributeBuilder(mayAccess, [Library.GetName().Name!]));
            assembly.SetCustomAttribute(new CustomAttributeBuilder(mayAccess, [typeof(BoundedDriver).Assembly.GetName().Name!]));
            var type = assembly.DefineDynamicModule("InrFast.Hdf5").DefineType("BoundedDriver", TypeAttributes.Public, Base);
            Type[] arguments = [typeof(Stream), typeof(bool)];
            var make = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, arguments).GetILGenerator();
            make.Emit(OpCodes.Ldarg_0);
            make.Emit(OpCodes.Ldarg_1);
            make.Emit(OpCodes.Ldarg_2);
            make.Emit(OpCodes.Call, Base.GetConstructor(arguments)!);
            make.Emit(OpCodes.Ret);
            var read = type.DefineMethod("ReadBytes", MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, typeof(byte[]), [typeof(int)]).GetILGenerator();
            var isThere = read.DefineLabel();
            read.Emit(OpCodes.Ldarg_0);
            read.Emit(OpCodes.Callvirt, Base.GetProperty("Length")!.GetMethod!);
            read.Emit(OpCodes.Ldarg_0);
            read.Emit(OpCodes.Callvirt, Base.GetProperty("Position")!.GetMethod!);
            read.Emit(OpCodes.Sub);
            read.Emit(OpCodes.Ldarg_1);
            read.Emit(OpCodes.Conv_I8);
            read.Emit(OpCodes.Bge, isThere);
            read.Emit(OpCodes.Call, typeof(BoundedDriver).GetMethod(nameof(TooLong))!);
            read.Emit(OpCodes.Throw);
            read.MarkLabel(isThere);
            read.Emit(OpCodes.Ldarg_0);
            read.Emit(OpCodes.Ldarg_1);
            read.Emit(OpCodes.Call, Base.GetMethod("ReadBytes", [typeof(int)])!);
            read.Emit(OpCodes.Ret);
            return type.CreateType();
        }
    }
}

namespace System.Runtime.CompilerServices
{
    /// <summary>The runtime knows it by its name.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}
